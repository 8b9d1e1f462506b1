package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

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
import org.probity.detector.node.TestNetwork;

class DecisionsBehindTest {
  private static final long PATIENCE_MILLIS = 5_000;

  private final TestNetwork network =
      TestNetwork.of(Parameters.of(1, 2), new ObjectStore().id(), Bytes.EMPTY, "a", "b", "c", "d");
  private final Hash networkId = network.genesis().networkId();
  private final Polity polity = new Polity(network);
  private final DecisionsBehind behind = new DecisionsBehind(networkId, PATIENCE_MILLIS);

  private DecisionChain chain(Action... actions) {
    DecisionChain chain = polity.chain();
    for (Action action : actions) {
      chain = polity.decide(chain, action);
    }
    return chain;
  }

  private static ValidDecision last(DecisionChain chain) {
    return chain.decisions().get(chain.decisions().size() - 1);
  }

  @Test
  void whoLacksADecisionForTooLongIsAskedForTheFirstOfThem() {
    DecisionChain chain = chain(new Action.SuspendNode("c"), new Action.ReadmitNode("c", false));
    ValidDecision first = chain.decisions().get(0);
    assertEquals(Optional.empty(), behind.lacking("a", 0, networkId, chain, 0));
    assertEquals(Optional.of(first), behind.lacking("a", 0, networkId, chain, PATIENCE_MILLIS));
    assertEquals(Optional.empty(), behind.lacking("a", 1, first.id(), chain, PATIENCE_MILLIS));
    assertEquals(
        Optional.of(last(chain)), behind.lacking("a", 1, first.id(), chain, 2 * PATIENCE_MILLIS));
    behind.answered("a", 2);
    assertEquals(Optional.empty(), behind.lacking("a", 1, first.id(), chain, 3 * PATIENCE_MILLIS));
    assertEquals(Set.of(), behind.split());
  }

  /** SPEC protocol.md §5.3: a governance split is reported, and nobody is suspected for it. */
  @Test
  void whoseLogFollowsOtherDecisionsIsNotAsked() {
    DecisionChain ours = chain(new Action.SuspendNode("c"), new Action.ReadmitNode("c", false));
    ValidDecision other = last(chain(new Action.SuspendNode("d")));
    for (long elapsed : List.of(0L, PATIENCE_MILLIS, 2 * PATIENCE_MILLIS)) {
      assertEquals(Optional.empty(), behind.lacking("a", 1, other.id(), ours, elapsed));
    }
    assertEquals(Set.of("a"), behind.split());
  }
}
