package org.probity.simulation.oracle;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.Member;

/**
 * Who has a vote in an epoch, and how many it takes, counted here once more (protocol.md §13.1,
 * §13.3).
 */
final class Voters {
  private final Genesis genesis;
  private final Set<String> voters = new TreeSet<>();

  Voters(Genesis genesis) {
    this.genesis = genesis;
    genesis.members().stream().map(Member::id).forEach(voters::add);
  }

  /** In the epoch after some decisions. */
  static Voters after(Genesis genesis, List<Action> decided) {
    Voters voters = new Voters(genesis);
    decided.forEach(voters::after);
    return voters;
  }

  /** SPEC protocol.md §13.1: all members but those named by evidence of earlier epochs. */
  void after(Action action) {
    if (action instanceof Action.SubmitEvidence evidence) {
      voters.remove(evidence.member());
    } else if (action instanceof Action.ReadmitNode readmitted && readmitted.vote()) {
      voters.add(genesis.node(readmitted.node()).orElseThrow().member());
    }
  }

  boolean containsAll(Collection<String> members) {
    return voters.containsAll(members);
  }

  /** SPEC protocol.md §13.1, §13.3: everybody's at once, or of more than two thirds. */
  boolean isDecidedBy(int votes, int round) {
    return round == 0 ? votes == voters.size() : isQuorum(votes);
  }

  private boolean isQuorum(long votes) {
    return 3 * votes > 2L * voters.size();
  }

  /** Whether these get anything decided, whatever the others do. */
  boolean areEnough(Set<String> members) {
    return isQuorum(voters.stream().filter(members::contains).count());
  }

  /** Whether those of them who may say one thing here and another there are not too many. */
  boolean areFewerThanAThird(Predicate<String> isFaulty) {
    return 3 * voters.stream().filter(isFaulty).count() < voters.size();
  }

  @Override
  public String toString() {
    return voters.toString();
  }
}
