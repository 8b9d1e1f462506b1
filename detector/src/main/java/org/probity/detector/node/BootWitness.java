package org.probity.detector.node;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.GovernanceState;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Seating;
import org.probity.detector.governance.ValidDecision;
import org.probity.detector.log.SignedCheckpoint;

/**
 * What a node says to one that starts and asks how much of its log is known (protocol.md §11.1):
 * the other side of {@link BootGate}. Pure: what is kept where is the shell's.
 */
public final class BootWitness {
  private BootWitness() {}

  /**
   * The answer. It counts if there is a copy of the log; or if this node has had a seat for it
   * since it began, and the same store: then it would know if there were more.
   *
   * @param known all decisions that are known here
   * @param self who answers
   * @param author who asks, in the incarnation that writes the log
   * @param since the epoch from which on all that this node has known of others' logs is still
   *     here; empty for a store that is not the one it had, before that is made good
   * @param copied the newest checkpoint over entries that are here; empty without a copy
   * @param seen whatever else was seen of the log, with entries or without
   */
  public static BootGate.Answer answer(
      DecisionChain known,
      NodeRecord self,
      NodeRecord author,
      OptionalLong since,
      Optional<SignedCheckpoint> copied,
      Stream<SignedCheckpoint> seen) {
    return new BootGate.Answer(
        copied.isPresent() || isKnownSinceItBegan(known, self, author, since),
        Stream.concat(copied.stream(), seen).max(Comparator.comparingLong(SignedCheckpoint::size)));
  }

  private static boolean isKnownSinceItBegan(
      DecisionChain known, NodeRecord self, NodeRecord author, OptionalLong since) {
    int began = beganAt(known, author);
    if (since.isEmpty() || since.getAsLong() > began) {
      return false;
    }
    GovernanceState then = known.before(began).state();
    return then.nodes().contains(self) && Seating.of(then).isWitness(self.node(), author.node());
  }

  /** Decisions before an incarnation began; the last of them let it. */
  private static int beganAt(DecisionChain known, NodeRecord author) {
    List<ValidDecision> all = known.decisions();
    for (int epoch = 0; epoch < all.size(); epoch++) {
      if (all.get(epoch).enrolled().equals(Optional.of(author))) {
        return epoch + 1;
      }
    }
    return 0;
  }
}
