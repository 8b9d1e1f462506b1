package org.probity.node.runtime;

import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.Machine;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.Origin;
import org.probity.detector.log.Rfc6962;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.SigningMark;
import org.probity.detector.node.Restore;
import org.probity.detector.state.StateTree;
import org.probity.node.http.peer.PeerTransport;
import org.probity.node.http.wire.LogFrame;
import org.probity.node.store.LogWrites;
import org.probity.node.store.NodeStore;
import org.probity.node.store.StoredLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the own log to a checkpoint that its key has signed and this store does not have
 * (protocol.md §11.2). The missing entries come from anybody who gives them away; they are believed
 * once they lead to the root that was signed, and are then replayed from the own end by what
 * replays the own log at every start. They become durable with the checkpoint and the mark in one
 * commit, so that a crash leaves the old end or the new one.
 *
 * <p>Blocking; what is missing is held in memory, at most {@link #MAX_BYTES}.
 */
final class OwnLogRecovery {
  private static final Logger LOG = LoggerFactory.getLogger(OwnLogRecovery.class);

  /** Entries that one recovery brings. */
  static final long MAX_BYTES = 256L << 20;

  /** One answer; the transport gives up before. */
  private static final long PATIENCE_SECONDS = 60;

  private final Machine machine;
  private final NodeStore store;
  private final StoredLog ownLog;
  private final PeerTransport transport;
  private final Hash originHash;

  OwnLogRecovery(Machine machine, NodeStore store, StoredLog ownLog, PeerTransport transport) {
    this.machine = machine;
    this.store = store;
    this.ownLog = ownLog;
    this.transport = transport;
    this.originHash = originHash(machine.origin());
  }

  /** The name of a log in what peers are asked. */
  static Hash originHash(Origin origin) {
    return Hash.sha256(Bytes.utf8(origin.format()).unsafeArray());
  }

  /**
   * Recovers the log.
   *
   * @param end where it ends here
   * @param mark how far the key is known to have signed; it is not lowered
   * @param upTo a checkpoint of it, beyond that end, whose signature was verified
   * @param holders whom to ask, one after the other
   * @return where it ends then; empty if nobody has all of it
   * @throws StartException {@code log_damaged} if this node's program would not have written it
   */
  Optional<OwnLogRestore.OwnEnd> recover(
      OwnLogRestore.OwnEnd end, SigningMark mark, SignedCheckpoint upTo, List<String> holders)
      throws StartException, InterruptedException {
    for (String holder : holders) {
      Optional<List<Bytes>> missing = fetch(holder, upTo);
      if (missing.isPresent()) {
        return Optional.of(append(end, mark, upTo, missing.get()));
      }
    }
    return Optional.empty();
  }

  /** What one holder gives, if it leads to the root. */
  private Optional<List<Bytes>> fetch(String holder, SignedCheckpoint upTo)
      throws InterruptedException {
    List<Bytes> entries = new ArrayList<>();
    long bytes = 0;
    for (long next = ownLog.size(); next < upTo.size(); next = ownLog.size() + entries.size()) {
      Optional<LogFrame> frame = ask(holder, next, upTo.size());
      if (frame.isEmpty()) {
        return Optional.empty();
      }
      entries.addAll(frame.get().entries());
      bytes += frame.get().entries().stream().mapToLong(Bytes::size).sum();
      if (bytes > MAX_BYTES) {
        LOG.error("more than {} bytes of the own log are missing here", MAX_BYTES);
        return Optional.empty();
      }
    }
    List<Hash> leaves = entries.stream().map(Rfc6962::leaf).toList();
    // SPEC protocol.md §7.3: wrong data equals no answer.
    if (!ownLog.frontier().append(leaves).frontier().head().equals(upTo.head())) {
      LOG.warn("what {} gives of the own log is not what was signed", holder);
      return Optional.empty();
    }
    return Optional.of(entries);
  }

  /** The next entries; empty if there is no such answer. */
  private Optional<LogFrame> ask(String holder, long from, long to) throws InterruptedException {
    try {
      Future<LogFrame> answer =
          transport.entries(holder, originHash, from, Math.min(to, from + LogFrame.MAX_ENTRIES));
      LogFrame frame =
          answer.toCompletionStage().toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      long count = frame.entries().size();
      return count > 0 && count <= to - from ? Optional.of(frame) : Optional.empty();
    } catch (ExecutionException | TimeoutException | RuntimeException e) {
      LOG.debug("{} does not give entry {} of the own log", holder, from, e);
      return Optional.empty();
    }
  }

  private OwnLogRestore.OwnEnd append(
      OwnLogRestore.OwnEnd end, SigningMark mark, SignedCheckpoint upTo, List<Bytes> missing)
      throws StartException {
    Restore.Restored restored;
    try {
      LogReader whole = new Whole(ownLog, missing);
      // SPEC protocol.md §11.2: replay, continue. From the beginning where nothing was signed here.
      boolean hasState = end.published().isPresent();
      long stateIndex = hasState ? ownLog.size() - 1 : 0;
      StateTree state = hasState ? end.position().state() : machine.initialState();
      restored = Restore.replay(machine, whole, upTo, stateIndex, state);
    } catch (Restore.RestoreException e) {
      throw new StartException("log_damaged", "what was recovered: " + e.getMessage(), e);
    }
    store.commit(
        new LogWrites()
            .append(ownLog, ownLog.size(), missing)
            .checkpoint(ownLog, upTo.head(), upTo.bytes()),
        mark.size() > upTo.size() ? mark : SigningMark.of(upTo));
    LOG.warn("recovered {} entries of the own log, which ends at {}", missing.size(), upTo.size());
    return new OwnLogRestore.OwnEnd(
        restored.end(), Optional.of(restored.published()), end.onDisk());
  }

  /** The own log and what it lacked. */
  private record Whole(StoredLog stored, List<Bytes> missing) implements LogReader {
    @Override
    public long size() {
      return stored.size() + missing.size();
    }

    @Override
    public Bytes entry(long index) {
      return index < stored.size()
          ? stored.entry(index)
          : missing.get(Math.toIntExact(index - stored.size()));
    }

    @Override
    public Hash node(int level, long index) {
      // Replay begins within what is stored and asks for nothing beyond.
      return stored.node(level, index);
    }
  }
}
