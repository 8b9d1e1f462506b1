package org.probity.node.runtime;

import java.util.List;
import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.Machine;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.Origin;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.SigningMark;
import org.probity.detector.node.Published;
import org.probity.detector.node.Recovery;
import org.probity.detector.node.Restore;
import org.probity.detector.state.StateTree;
import org.probity.node.http.peer.PeerTransport;
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
 * <p>Blocking; what is missing is held in memory, at most {@link #MAX_BYTES}. Whoever is asked may
 * give anything; by what it is kept from holding this up see {@link MissingEntries} and {@link
 * HolderTurns}.
 */
final class OwnLogRecovery {
  private static final Logger LOG = LoggerFactory.getLogger(OwnLogRecovery.class);

  /** Entries that one recovery brings: their replay and the commit have to fit the heap, too. */
  static final long MAX_BYTES = Runtime.getRuntime().maxMemory() / 4;

  private final Machine machine;
  private final NodeStore store;
  private final StoredLog ownLog;
  private final PeerTransport transport;
  private final Hash originHash;
  private final MissingEntries collecting = new MissingEntries(MAX_BYTES, System::nanoTime);
  private final HolderTurns turns = new HolderTurns();
  private boolean wasTooMuch;

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
   * @param holders whom to ask, one after the other, those that have failed before at last
   * @return where it ends then; empty if nobody has all of it
   * @throws StartException {@code log_damaged} if this node's program would not have written it
   */
  Optional<OwnLogRestore.OwnEnd> recover(
      OwnLogRestore.OwnEnd end, SigningMark mark, SignedCheckpoint upTo, List<String> holders)
      throws StartException, InterruptedException {
    wasTooMuch = false;
    for (String holder : turns.inOrder(holders)) {
      Optional<List<Bytes>> given = fetch(holder, upTo);
      if (given.isPresent()) {
        return Optional.of(append(end, mark, upTo, given.get()));
      }
    }
    return Optional.empty();
  }

  /** Whether somebody gave more than {@link #MAX_BYTES} the last time. */
  boolean wasTooMuch() {
    return wasTooMuch;
  }

  /** What one holder gives, if it leads to the root. */
  private Optional<List<Bytes>> fetch(String holder, SignedCheckpoint upTo)
      throws InterruptedException {
    long from = ownLog.size();
    MissingEntries.Collected collected =
        collecting.collect(
            (next, to) -> transport.entries(holder, originHash, next, to),
            from,
            from == 0 ? Optional.empty() : Optional.of(ownLog.node(0, from - 1)),
            upTo.size(),
            turns.turn(holder));
    wasTooMuch |= collected instanceof MissingEntries.TooMuch;
    if (!(collected instanceof MissingEntries.All all)) {
      if (!(collected instanceof MissingEntries.Nothing)) {
        turns.failed(holder);
      }
      return Optional.empty();
    }
    List<Bytes> entries = all.entries();
    if (!Recovery.leadsTo(ownLog.frontier(), entries, upTo.head())) {
      LOG.warn("what {} gives of the own log is not what was signed", holder);
      turns.failed(holder);
      return Optional.empty();
    }
    return Optional.of(entries);
  }

  private OwnLogRestore.OwnEnd append(
      OwnLogRestore.OwnEnd end, SigningMark mark, SignedCheckpoint upTo, List<Bytes> missing)
      throws StartException {
    Restore.Restored restored;
    try {
      Optional<StateTree> state = end.published().map(Published::state);
      restored = Recovery.replay(machine, ownLog, state, upTo, missing);
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
}
