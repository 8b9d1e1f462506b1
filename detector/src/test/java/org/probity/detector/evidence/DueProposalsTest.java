package org.probity.detector.evidence;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.Assembly;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Polity;
import org.probity.detector.log.Origin;

/** SPEC protocol.md §13.2, docs/governance.md: what nodes propose by themselves, all the same. */
class DueProposalsTest {
  private static final String SELF = "alpha";
  private static final String CULPRIT = "delta";
  private static final Action SUSPENSION = new Action.SuspendNode(CULPRIT);

  private final Polity polity = new Polity("alpha", "beta", "gamma", "delta");
  private final Evidence one = proof(3);
  private final Evidence other = proof(5);

  private Evidence proof(long position) {
    return new Evidence(
        Bytes.utf8("file " + position),
        new FaultId(
            new Origin(polity.chain().genesis().networkId(), CULPRIT, 0), FaultKind.FORK, position),
        "m-" + CULPRIT,
        "fork");
  }

  private static List<Action> due(DecisionChain chain, Evidence... proofs) {
    Assembly assembly = new Assembly(chain, action -> Optional.empty());
    return DueProposals.of(assembly, chain, List.of(proofs), SELF);
  }

  private DecisionChain decided(Action... actions) {
    DecisionChain chain = polity.chain();
    for (Action action : actions) {
      chain = polity.decide(chain, action);
    }
    return chain;
  }

  @Test
  void oneFaultIsPutOnRecordAndThenItsNodeIsSuspended() {
    Action first = due(decided(), one, other).get(0);

    assertEquals(1, due(decided(), one, other).size());
    assertEquals(List.of(SUSPENSION), due(decided(first), one, other));
    assertEquals(List.of(), due(decided(first, SUSPENSION), one, other));
  }

  @Test
  void aReadmissionSettlesWhatWasOnRecordAndNothingElse() {
    Action.SubmitEvidence record = one.submission();
    Action readmission = new Action.ReadmitNode(CULPRIT, true);
    DecisionChain readmitted = decided(record, SUSPENSION, readmission);

    assertEquals(List.of(), due(readmitted, one));
    assertEquals(List.of(other.submission()), due(readmitted, one, other));
    assertEquals(
        List.of(SUSPENSION),
        due(polity.decide(readmitted, other.submission()), one, other),
        "the second fault is on record");
  }

  @Test
  void whoIsStoppedProposesNothingAndNobodyAccusesItself() {
    assertEquals(List.of(), due(decided(new Action.SuspendNode(SELF)), one));
    DecisionChain chain = decided();
    assertEquals(
        List.of(),
        DueProposals.of(
            new Assembly(chain, action -> Optional.empty()), chain, List.of(one), CULPRIT));
  }
}
