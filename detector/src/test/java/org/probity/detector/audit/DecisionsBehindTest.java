package org.probity.detector.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Parameters;
import org.probity.detector.governance.Polity;
import org.probity.detector.governance.ValidDecision;
import org.probity.detector.node.ObjectStore;
import org.probity.detector.node.Published;
import org.probity.detector.node.TestConsortium;
import org.probity.detector.node.TestNetwork;
import org.probity.detector.state.StateTree;

/**
 * SPEC protocol.md §7.1: what a ward has not logged of the members' decisions, and for how long.
 */
class DecisionsBehindTest {
  private static final long PATIENCE = 1_000;
  private static final String WARD = "b";

  private final TestNetwork network =
      TestNetwork.of(Parameters.of(1, 2), new ObjectStore().id(), Bytes.EMPTY, "a", "b", "c", "d");
  private final Polity polity = new Polity(network);
  private final DecisionChain none = polity.chain();
  private final DecisionChain one = polity.decide(none, new Action.SuspendNode("c"));
  private final DecisionChain two = polity.decide(one, new Action.SuspendNode("d"));
  private final List<String> told = new ArrayList<>();
  private final DecisionsBehind behind =
      new DecisionsBehind(
          network.genesis().networkId(),
          PATIENCE,
          (ward, epoch) -> told.add(ward + " in " + epoch));

  private Optional<ValidDecision> lacking(long epoch, DecisionChain chain, long elapsedMillis) {
    return lacking(WARD, epoch, chain, elapsedMillis);
  }

  /** Of a ward whose log follows the decisions that we know of. */
  private Optional<ValidDecision> lacking(
      String ward, long epoch, DecisionChain chain, long elapsedMillis) {
    Hash last =
        epoch == 0 ? network.genesis().networkId() : two.decisions().get((int) epoch - 1).id();
    return behind.lacking(ward, epoch, last, chain, elapsedMillis);
  }

  private Optional<ValidDecision> decision(int epoch) {
    return Optional.of(two.decisions().get(epoch));
  }

  @Test
  void theFirstThatIsLackedIsNamedOnceTheWardHasHadItsTime() {
    assertEquals(Optional.empty(), lacking(0, none, 0));
    assertEquals(Optional.empty(), lacking(0, two, 5_000));
    assertEquals(Optional.empty(), lacking(0, two, 5_999));
    assertEquals(decision(0), lacking(0, two, 6_000));
    // Each has its own time, from when the ward has come so far.
    assertEquals(Optional.empty(), lacking(1, two, 6_500));
    assertEquals(Optional.empty(), lacking(1, two, 7_499));
    assertEquals(decision(1), lacking(1, two, 7_500));
    assertEquals(Optional.empty(), lacking(2, two, 9_000));
  }

  @Test
  void whoHasCaughtUpBeginsAnew() {
    assertEquals(Optional.empty(), lacking(0, one, 0));
    assertEquals(Optional.empty(), lacking(1, one, 500));
    assertEquals(Optional.empty(), lacking(1, two, 1_500));
    assertEquals(Optional.empty(), lacking(1, two, 2_499));
    assertEquals(decision(1), lacking(1, two, 2_500));
  }

  /** As a witness asks: by the state that its replay has come to. */
  @Test
  void theStateSaysWhatTheLogHas() {
    TestConsortium consortium = new TestConsortium(network, new ObjectStore());
    assertEquals(Optional.empty(), behind.lacking(WARD, Optional.empty(), one, 0));
    assertEquals(Optional.empty(), behind.lacking(WARD, state(consortium), one, 1_000));
    assertEquals(decision(0), behind.lacking(WARD, state(consortium), one, 2_000));
    consortium.knows(one);
    consortium.tellAll();
    consortium.run();
    assertEquals(Optional.empty(), behind.lacking(WARD, state(consortium), one, 3_000));
    assertEquals(Set.of(), behind.split());
  }

  private static Optional<StateTree> state(TestConsortium consortium) {
    return consortium.member(WARD).node().published().map(Published::state);
  }

  /** What it has shown was in the closed log, and so were the decisions that are not ours. */
  @Test
  void whatTheClosedLogHadTheNextOneNeedNotHave() {
    behind.answered(WARD, 2);
    assertEquals(Optional.empty(), behind.lacking(WARD, 1, Hash.sha256(), one, 0));
    assertEquals(Set.of(WARD), behind.split());
    behind.forget(WARD);
    assertEquals(Set.of(), behind.split());
    assertEquals(Optional.empty(), lacking(0, one, 5_000));
    behind.forget(WARD);
    assertEquals(Optional.empty(), lacking(0, one, 6_000), "it has its own time");
    assertEquals(decision(0), lacking(0, one, 7_000));
  }

  /** Our replay is behind, and the ward has shown more: it is asked for that no more. */
  @Test
  void whatAWardHasShownItHas() {
    assertEquals(Optional.empty(), lacking(0, two, 0));
    behind.answered(WARD, 1);
    assertEquals(Optional.empty(), lacking(0, two, 5_000));
    assertEquals(decision(1), lacking(0, two, 6_000));
    behind.answered(WARD, 2);
    behind.answered(WARD, 1);
    assertEquals(Optional.empty(), lacking(0, two, 20_000));
    // Of others it says nothing.
    assertEquals(Optional.empty(), lacking("d", 0, two, 20_000));
    assertEquals(decision(0), lacking("d", 0, two, 21_000));
  }

  /** SPEC protocol.md §5.3: a governance split is reported, and nobody is suspected for it. */
  @Test
  void whoseLogFollowsOtherDecisionsIsNotAsked() {
    DecisionChain theirs = polity.decide(none, new Action.SuspendNode("d"));
    Hash other = theirs.decisions().get(0).id();
    for (long elapsed : List.of(0L, PATIENCE, 2 * PATIENCE)) {
      assertEquals(Optional.empty(), behind.lacking(WARD, 1, other, two, elapsed));
    }
    assertEquals(Set.of(WARD), behind.split());
    assertEquals(Optional.empty(), lacking("a", 1, two, 0));
    assertEquals(Set.of(WARD), behind.split());
    assertEquals(List.of(WARD + " in 0"), told, "once, whoever looks how often");
  }
}
