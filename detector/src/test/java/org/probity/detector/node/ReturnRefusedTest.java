package org.probity.detector.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.ChannelId;
import org.probity.detector.commitment.FinalLog;
import org.probity.detector.commitment.FootprintRule;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.SystemState;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Incarnations;
import org.probity.detector.governance.Parameters;
import org.probity.detector.governance.Polity;

/**
 * Messages to a revoked node come back by the members' vote, at every node that sent it any: what
 * goes wrong there must not stop all of them, start after start.
 */
class ReturnRefusedTest {
  /** What its messages cost changes, which no correct program does. */
  private static final class Fickle extends ObjectStore {
    private int cost;

    @Override
    public int messageFootprint(Bytes payload) {
      return cost;
    }
  }

  private final Fickle program = new Fickle();
  private final TestConsortium consortium =
      new TestConsortium(
          TestNetwork.of(
              Parameters.of(1, 2), program.id(), Bytes.EMPTY, "alpha", "beta", "gamma", "delta"),
          program);

  private void seconds(int seconds) {
    for (int i = 0; i < seconds; i++) {
      consortium.advance(1_000);
      consortium.run();
    }
  }

  private SystemState.Outgoing toDelta() {
    return Machine.system(consortium.member("alpha").node().published().orElseThrow().state())
        .outgoing(ChannelId.to(consortium.network().node("delta")));
  }

  @Test
  void theNodeGoesOnAndTriesAgain() {
    consortium.reach((from, to) -> !from.equals("delta") && !to.equals("delta"));
    consortium.submit(
        "alpha", consortium.sign(TestNetwork.signer("client"), "alpha", 1, "c", "delta/x=1"));
    consortium.run();
    Polity polity = new Polity(consortium.network());
    Action revocation =
        FinalLog.revocation(
            polity.chain(),
            Incarnations.founding(consortium.network().node("delta")),
            consortium.member("delta").log());
    DecisionChain chain = polity.decide(polity.chain(), new Action.SuspendNode("delta"));
    chain = polity.decide(chain, revocation);
    program.cost = Integer.MAX_VALUE / 2;
    assertTrue(FootprintRule.isTooLarge(program.cost));
    chain
        .decisions()
        .forEach(decision -> consortium.member("alpha").step(new Input.DecisionTaken(decision)));
    seconds(3);
    assertEquals(new SystemState.Outgoing(1, 0), toDelta(), "it waits");
    long put =
        consortium.submit(
            "alpha", consortium.sign(TestNetwork.signer("client"), "alpha", 2, "c", "y=1"));
    consortium.run();
    assertTrue(
        consortium.member("alpha").answers().get(put) instanceof Release.Recorded,
        "all else goes on");
    program.cost = 0;
    seconds(30);
    assertEquals(new SystemState.Outgoing(1, 1), toDelta());
    assertEquals(List.of(), consortium.member("alpha").node().challenges());
  }
}
