package org.probity.node.runtime;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.probity.detector.audit.EmbeddedRelay;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.CheckpointVerifier;
import org.probity.detector.commitment.VerifiedCheckpoint;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Seating;
import org.probity.node.store.StoredLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the {@link EmbeddedRelay} of a ward on the ward's worker, as soon as entries are stored,
 * piece by piece.
 */
final class CheckpointRelay {
  private static final Logger LOG = LoggerFactory.getLogger(CheckpointRelay.class);

  private final StoredLog stored;
  private final Executor worker;
  private final Core core;
  private final EmbeddedRelay relay;
  private volatile long behind;
  private volatile boolean stopped;

  /** Where checkpoints are handed over. */
  interface Core {
    /**
     * Shows a part to one witness until it has confirmed all of it.
     *
     * @param answered told once, on any thread: whether the witness has them all; if not, they are
     *     to be handed over again later
     */
    void overheard(String witness, List<VerifiedCheckpoint> found, Consumer<Boolean> answered);
  }

  private record HeldLog(StoredLog log) implements EmbeddedRelay.Held {
    @Override
    public long firstEntry() {
      return log.firstEntry();
    }

    @Override
    public long size() {
      return log.size();
    }

    @Override
    public List<Bytes> entries(long from, long to, int maxBytes) {
      return log.entries(from, to, maxBytes);
    }
  }

  /**
   * @param ward whose log {@code stored} is
   * @param positions what {@link #positions} gave last, if it ever did
   */
  CheckpointRelay(
      Genesis genesis,
      NodeRecord ward,
      StoredLog stored,
      Optional<Bytes> positions,
      CheckpointVerifier checkpoints,
      Executor worker,
      Core core) {
    this.stored = stored;
    this.worker = worker;
    this.core = core;
    this.relay =
        positions
            .flatMap(read -> resumed(genesis, ward, checkpoints, read))
            .orElseGet(() -> new EmbeddedRelay(genesis, ward, checkpoints));
  }

  private static Optional<EmbeddedRelay> resumed(
      Genesis genesis, NodeRecord ward, CheckpointVerifier checkpoints, Bytes positions) {
    try {
      return Optional.of(EmbeddedRelay.resume(genesis, ward, checkpoints, positions));
    } catch (DecodeException e) {
      LOG.info("{}: checkpoints are passed on from the first on: {}", ward.node(), e.code());
      return Optional.empty();
    }
  }

  /** The seats are these from now on; on the worker. */
  void seated(Seating next) {
    relay.seated(next);
  }

  /** How far each witness has come, for the next commit; on the worker. */
  Bytes positions() {
    return relay.positions();
  }

  /** Entries that the slowest witness has still to go; any thread. */
  long behind() {
    return behind;
  }

  /** Nothing is begun any more; any thread. */
  void stop() {
    stopped = true;
  }

  /** Goes on where there is something to do; on the worker. */
  void pump() {
    if (stopped) {
      return;
    }
    boolean isMore = relay.advance(new HeldLog(stored), this::hand);
    behind = relay.behind(stored.size());
    if (isMore) {
      // Not at once: what has come in meanwhile is to be stored first.
      worker.execute(this::pump);
    }
  }

  private void hand(EmbeddedRelay.Part part) {
    core.overheard(
        part.witness(),
        part.checkpoints(),
        isSettled -> worker.execute(() -> answered(part, isSettled)));
  }

  private void answered(EmbeddedRelay.Part part, boolean isSettled) {
    relay.answered(part, isSettled);
    if (isSettled) {
      pump();
    }
  }
}
