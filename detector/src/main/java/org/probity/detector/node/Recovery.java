package org.probity.detector.node;

import java.util.List;
import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.Machine;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.Frontier;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.Rfc6962;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.TreeHead;
import org.probity.detector.state.StateTree;

/**
 * Brings a log to a checkpoint that its key has signed and its store does not have (protocol.md
 * §11.2): {@link BootGate.Behind}. Whoever gives the entries is not believed. Pure.
 */
public final class Recovery {
  private Recovery() {}

  /**
   * Whether a log that ends at {@code end} has come to what was signed with these entries.
   *
   * <p>SPEC protocol.md §7.3: wrong data equals no answer.
   */
  public static boolean leadsTo(Frontier end, List<Bytes> missing, TreeHead signed) {
    List<Hash> leaves = missing.stream().map(Rfc6962::leaf).toList();
    return end.append(leaves).frontier().head().equals(signed);
  }

  /**
   * SPEC protocol.md §11.2: replay, continue. By what replays the own log at every start.
   *
   * @param stored the own log as it is, whole batches
   * @param state where it ends; empty where nothing was signed in it: then all of it is replayed
   * @param upTo what was signed
   * @param missing the entries from there up to that
   * @throws Restore.RestoreException if this node's program would not have written it
   */
  public static Restore.Restored replay(
      Machine machine,
      LogReader stored,
      Optional<StateTree> state,
      SignedCheckpoint upTo,
      List<Bytes> missing)
      throws Restore.RestoreException {
    return Restore.replay(
        machine,
        new Whole(stored, missing),
        upTo,
        state.isPresent() ? stored.size() - 1 : 0,
        state.orElseGet(machine::initialState));
  }

  /** The own log and what it lacked. */
  private record Whole(LogReader stored, List<Bytes> missing) implements LogReader {
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
