package org.probity.detector.node;

import java.util.Comparator;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.log.SignedCheckpoint;

/**
 * What a node says to one that starts and asks how much of its log is known (protocol.md §11.1):
 * the other side of {@link BootGate}. Pure: what is kept where is the shell's.
 */
public final class BootWitness {
  private BootWitness() {}

  /**
   * The answer. It counts if there is a copy of the log; or if this node has had the same store
   * since the log began, with a seat for it or without: whatever it has cosigned is here, also if
   * that is nothing.
   *
   * @param known all decisions that are known here
   * @param author who asks, in the incarnation that writes the log
   * @param since the epoch from which on all that this node has known of others' logs is still
   *     here; empty for a store that is not the one it had, before that is made good
   * @param copied the newest checkpoint over entries that are here; empty without a copy
   * @param seen whatever else was seen of the log, with entries or without
   */
  public static BootGate.Answer answer(
      DecisionChain known,
      NodeRecord author,
      OptionalLong since,
      Optional<SignedCheckpoint> copied,
      Stream<SignedCheckpoint> seen) {
    boolean isWhole = since.isPresent() && since.getAsLong() <= known.beganAt(author);
    return new BootGate.Answer(
        copied.isPresent() || isWhole,
        known.decisions().size(),
        Stream.concat(copied.stream(), seen).max(Comparator.comparingLong(SignedCheckpoint::size)));
  }
}
