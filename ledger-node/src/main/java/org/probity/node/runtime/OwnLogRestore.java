package org.probity.node.runtime;

import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.CheckpointVerifier;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.Views;
import org.probity.detector.crypto.Hash;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.SigningMark;
import org.probity.detector.node.LogPosition;
import org.probity.detector.node.Published;
import org.probity.detector.node.Restore;
import org.probity.detector.state.StateTree;
import org.probity.node.store.LmdbStateStore;
import org.probity.node.store.NodeStore;
import org.probity.node.store.StoreException;
import org.probity.node.store.StoredLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds where the own log goes on: what the key has signed must be there (protocol.md §11.1), and
 * what is there is replayed from the flushed state to its end.
 */
final class OwnLogRestore {
  private static final Logger LOG = LoggerFactory.getLogger(OwnLogRestore.class);

  private final StoredLog ownLog;
  private final LmdbStateStore state;

  OwnLogRestore(StoredLog ownLog, LmdbStateStore state) {
    this.ownLog = ownLog;
    this.state = state;
  }

  /** Opens what {@code init} has made; the message of a failure is for the operator. */
  static NodeStore open(NodeStore.Options options) throws StartException {
    try {
      return NodeStore.open(options);
    } catch (StoreException e) {
      throw new StartException(e.code().text(), String.valueOf(e.getMessage()), e);
    }
  }

  /**
   * How far this node's key has signed.
   *
   * @throws StartException {@code latched} or {@code mark_lost}: it must not sign any more
   */
  static SigningMark mark(NodeStore store) throws StartException {
    Optional<String> latched = store.latch().reason();
    if (latched.isPresent()) {
      throw new StartException(
          "latched",
          "this node stopped itself after a fault of its disk and must not sign again: "
              + latched.get()
              + "; it goes on in its next incarnation: probity node renew");
    }
    if (store.mark() instanceof NodeStore.Known known) {
      return known.mark();
    }
    throw new StartException(
        "mark_lost",
        ((NodeStore.Lost) store.mark()).why()
            + "; if nobody has it any more, this node goes on in its next incarnation: probity node"
            + " renew");
  }

  /**
   * What this node held of others' logs.
   *
   * @throws StartException {@code store_damaged} if that cannot be read back: half of a proof may
   *     be in it
   */
  static Views views(NodeStore store, CheckpointVerifier checkpoints) throws StartException {
    Views views = new Views();
    try {
      for (Bytes view : store.views()) {
        views.restore(view, checkpoints);
      }
    } catch (DecodeException | StoreException e) {
      throw new StartException("store_damaged", "the views of others' logs: " + e.getMessage(), e);
    }
    return views;
  }

  /**
   * Where the own log goes on.
   *
   * @param published its newest checkpoint, if it has one
   * @param onDisk the state as it is flushed
   */
  record OwnEnd(LogPosition position, Optional<Published> published, StateTree onDisk) {
    /** Entries; of what this incarnation goes on with, too. */
    long size() {
      return position.frontier().size();
    }
  }

  /**
   * Replays the own log from the flushed state to its end.
   *
   * <p>Whether the key has signed more than this is for {@link Boot} to find out.
   *
   * @throws StartException {@code mark_contradicts} if the key has signed another log of that size,
   *     {@code log_damaged} if the log is not what this node would have written
   */
  OwnEnd restore(Machine machine, SigningMark mark) throws StartException {
    Optional<SignedCheckpoint> newest = newestCheckpoint();
    long size = newest.map(SignedCheckpoint::size).orElse(0L);
    // Another text of the very size that was signed is another history: one more signature over
    // what grows from it would be a FORK of ours.
    if (newest.isPresent()
        && mark.size() == size
        && !mark.textHash().equals(textHash(newest.get()))) {
      throw new StartException(
          "mark_contradicts",
          "this key has signed another log of "
              + size
              + " entries than the one in the store: it is not this node's newest history");
    }
    try {
      if (newest.isEmpty()) {
        return new OwnEnd(beginning(machine), Optional.empty(), StateTree.EMPTY);
      }
      return replay(machine, newest.get());
    } catch (Restore.RestoreException e) {
      throw new StartException("log_damaged", String.valueOf(e.getMessage()), e);
    } catch (StoreException e) {
      // What would be signed over cannot be read: nothing is signed.
      throw new StartException(e.code().text(), String.valueOf(e.getMessage()), e);
    }
  }

  /**
   * SPEC protocol.md §11.3: who is not where the members say does not begin.
   *
   * @throws StartException {@code incarnation_incomplete} if the closed log is not here
   */
  private LogPosition beginning(Machine machine) throws Restore.RestoreException, StartException {
    long close = machine.incarnations().first();
    if (close == 0) {
      return LogPosition.start(machine);
    }
    if (ownLog.size() != close) {
      throw new StartException(
          "incarnation_incomplete",
          "this incarnation goes on at entry "
              + close
              + ", the store holds "
              + ownLog.size()
              + ": `probity node begin` gets what is missing from the witnesses");
    }
    state.clear();
    return Restore.close(machine, ownLog);
  }

  /**
   * The decisions kept, and those that are in the own log and were not: a disk may have taken the
   * one and not the other. Reads the log only then.
   */
  static DecisionChain decisions(DecisionChain kept, StoredLog ownLog, OwnEnd end)
      throws StartException {
    try {
      return end.published().isPresent()
          ? Restore.decisions(kept, ownLog, end.published().get())
          : kept;
    } catch (DecodeException e) {
      throw new StartException("log_damaged", "a decision in it: " + e.getMessage(), e);
    }
  }

  private static Hash textHash(SignedCheckpoint checkpoint) {
    return Hash.sha256(checkpoint.textBytes().unsafeArray());
  }

  private OwnEnd replay(Machine machine, SignedCheckpoint newest) throws Restore.RestoreException {
    Optional<FlushedState> flushed = FlushedState.load(state);
    if (flushed.isPresent() && flushed.get().index() < ownLog.size()) {
      StateTree tree = flushed.get().tree();
      try {
        return end(Restore.replay(machine, ownLog, newest, flushed.get().index(), tree), tree);
      } catch (Restore.RestoreException e) {
        LOG.warn("the flushed state is of no use, replaying the whole log: {}", e.getMessage());
      }
    }
    state.clear();
    return end(Restore.replay(machine, ownLog, newest, 0, machine.initialState()), StateTree.EMPTY);
  }

  private static OwnEnd end(Restore.Restored restored, StateTree onDisk) {
    return new OwnEnd(restored.end(), Optional.of(restored.published()), onDisk);
  }

  private Optional<SignedCheckpoint> newestCheckpoint() throws StartException {
    if (ownLog.checkpoint().isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(SignedCheckpoint.parse(ownLog.checkpoint().get()));
    } catch (DecodeException e) {
      throw new StartException("log_damaged", "the newest checkpoint: " + e.getMessage(), e);
    }
  }
}
