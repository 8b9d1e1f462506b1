package org.probity.detector.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.Machine;
import org.probity.detector.crypto.Hash;
import org.probity.detector.evidence.ByzantineLog;
import org.probity.detector.evidence.Court;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Incarnations;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Polity;
import org.probity.detector.log.TreeHead;
import org.probity.detector.node.ObjectStore;
import org.probity.detector.node.TestNetwork;

/** SPEC protocol.md §11.3: what is fixed about a log that is closed follows from the log. */
class ClosedLogTest {
  private static final long BEGAN = TestNetwork.FOUNDED_MILLIS;

  private final Court court = new Court();
  private final Polity polity = new Polity(court.network());
  private final ByzantineLog first = court.log("alpha", 2);

  private ClosedLog.Clean clean(Machine machine, ByzantineLog log) {
    return assertInstanceOf(ClosedLog.Clean.class, ClosedLog.replay(machine, log));
  }

  private Bytes enrolment(NodeRecord next) {
    return polity.enrolment(next, Polity.signer(next.member()));
  }

  private Machine present(DecisionChain chain) {
    return new Machine(
        court.network().genesis(),
        Incarnations.of(chain.state(), "alpha").orElseThrow(),
        new ObjectStore());
  }

  @Test
  void theLogSaysWhereItsSuccessorGoesOn() {
    ClosedLog.Clean closed = clean(court.machine("alpha"), first);
    assertEquals(first.checkpoint().head(), closed.close());
    assertEquals(first.state().root(), closed.stateRoot());
    assertEquals(BEGAN + 1, closed.tickMillis());
    Bytes enrolment = enrolment(Polity.next(court.network().node("alpha")));
    assertEquals(
        new Action.ApproveIncarnation(
            enrolment, first.checkpoint().head(), first.state().root(), BEGAN + 1, List.of()),
        closed.approval(enrolment));
  }

  @Test
  void whatIsFixedLetsAnHonestNodeBeginAndBeClosedAgain() {
    NodeRecord second = Polity.next(court.network().node("alpha"));
    DecisionChain approved =
        polity.decide(
            polity.chain(), clean(court.machine("alpha"), first).approval(enrolment(second)));
    Machine later = present(approved);
    ByzantineLog log =
        first
            .succeed(later, TestNetwork.signer("log alpha/1"))
            .genesis()
            .tick(BEGAN + 9)
            .transaction(court.put("alpha", "more=1"))
            .endState();
    ClosedLog.Clean closed = clean(later, log);
    assertEquals(log.checkpoint().head(), closed.close());
    assertEquals(log.state().root(), closed.stateRoot());
    assertEquals(BEGAN + 9, closed.tickMillis());

    NodeRecord third = Polity.next(second);
    DecisionChain again = polity.decide(approved, closed.approval(enrolment(third)));
    Machine last = present(again);
    ByzantineLog goesOn =
        log.succeed(last, TestNetwork.signer("log alpha/2")).genesis().tick(BEGAN + 9).endState();
    assertEquals(goesOn.size(), clean(last, goesOn).close().size());
    assertEquals(3, Incarnations.of(again.state(), "alpha").orElseThrow().parts().size());
  }

  @Test
  void aLogThatHasOnlyBegunIsClosedAtItsGenesis() {
    ByzantineLog begun = court.log("alpha");
    ClosedLog.Clean closed = clean(court.machine("alpha"), begun);
    assertEquals(new TreeHead(1, begun.checkpoint().head().root()), closed.close());
    assertEquals(court.machine("alpha").initialState().root(), closed.stateRoot());
  }

  @Test
  void aLogWithAFaultInItIsNotGoneOnWith() {
    ByzantineLog lying = court.log("alpha", 1).tick(BEGAN + 2).endState(Hash.sha256());
    ClosedLog.Broken broken =
        assertInstanceOf(ClosedLog.Broken.class, ClosedLog.replay(court.machine("alpha"), lying));
    assertEquals(lying.size() - 1, broken.finding().index());
    assertEquals("state_root_differs", broken.finding().violation().code());
    Proof proof = broken.finding().prove(lying.checkpoint(), lying, court.verifier());
    assertEquals(Optional.of("alpha"), proof.evidence().orElseThrow().node());
  }

  @Test
  void aLogThatEndsInsideABatchIsNotClosedThere() {
    ByzantineLog open = court.log("alpha", 2).tick(BEGAN + 2);
    assertEquals(
        new ClosedLog.Unfinished(open.size() - 1), ClosedLog.replay(court.machine("alpha"), open));
  }
}
