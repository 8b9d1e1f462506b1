package org.probity.detector.evidence;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.Assembly;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.NodeStanding;
import org.probity.detector.governance.ValidDecision;

/**
 * What a node proposes without anybody's asking (governance.md): that what is proven be put on
 * record, and that a node with a fault on record be suspended. Every node that has the same proofs
 * and decisions proposes the same (protocol.md §13.2).
 *
 * <p>One fault on record is enough to decide by: a culprit has as many as it likes. But a
 * readmission settles those on record only, so what else is proven is for the members again.
 */
public final class DueProposals {
  private final Assembly assembly;
  private final List<ValidDecision> taken;

  private DueProposals(Assembly assembly, DecisionChain chain) {
    this.assembly = assembly;
    this.taken = chain.decisions();
  }

  /**
   * What is due and may be proposed now; nothing while {@code self} is stopped.
   *
   * @param assembly of the epoch after {@code chain}
   * @param proofs known here
   */
  public static List<Action> of(
      Assembly assembly, DecisionChain chain, Collection<Evidence> proofs, String self) {
    if (!(chain.state().standing(self) instanceof NodeStanding.Active)) {
      return List.of();
    }
    DueProposals due = new DueProposals(assembly, chain);
    List<Action> actions = new ArrayList<>(due.records(proofs, self));
    actions.addAll(due.suspensions());
    return actions;
  }

  private List<Action> records(Collection<Evidence> proofs, String self) {
    List<Action> records = new ArrayList<>();
    Set<String> onTheTable = new TreeSet<>();
    for (Assembly.Proposed proposed : assembly.proposals().values()) {
      if (proposed.proposal().action() instanceof Action.SubmitEvidence other) {
        onTheTable.add(accused(other));
      }
    }
    proofs.stream()
        .filter(proof -> !proof.node().equals(Optional.of(self)))
        .filter(proof -> !isOnRecord(proof))
        .sorted(Comparator.comparing(Evidence::fault))
        .forEach(
            proof -> {
              Action.SubmitEvidence record = proof.submission();
              if (!onTheTable.contains(proof.accused()) && assembly.refusal(record).isEmpty()) {
                onTheTable.add(proof.accused());
                records.add(record);
              }
            });
    return records;
  }

  private List<Action> suspensions() {
    List<Action> suspensions = new ArrayList<>();
    for (int at = 0; at < taken.size(); at++) {
      if (taken.get(at).decision().action() instanceof Action.SubmitEvidence recorded
          && recorded.log().isPresent()
          && !isReadmittedAfter(recorded.log().get().node(), at)) {
        Action suspension = new Action.SuspendNode(recorded.log().get().node());
        if (!suspensions.contains(suspension) && assembly.refusal(suspension).isEmpty()) {
          suspensions.add(suspension);
        }
      }
    }
    return suspensions;
  }

  private boolean isOnRecord(Evidence proof) {
    for (int at = 0; at < taken.size(); at++) {
      if (taken.get(at).decision().action() instanceof Action.SubmitEvidence recorded
          && accused(recorded).equals(proof.accused())
          && (recorded.fault().equals(proof.fault()) || !isReadmittedAfter(proof.accused(), at))) {
        return true;
      }
    }
    return false;
  }

  private boolean isReadmittedAfter(String node, int epoch) {
    return taken.subList(epoch, taken.size()).stream()
        .anyMatch(
            decision ->
                decision.decision().action() instanceof Action.ReadmitNode readmitted
                    && readmitted.node().equals(node));
  }

  private static String accused(Action.SubmitEvidence action) {
    return action.log().map(Action.LogName::node).orElse(action.member());
  }
}
