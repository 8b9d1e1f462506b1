package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vertx.core.Future;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.codec.Bytes;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Polity;
import org.probity.detector.governance.ValidDecision;
import org.probity.detector.node.TestNetwork;
import org.probity.node.http.PeerReply;
import org.probity.node.http.peer.PeerTransport;

/** The desk alone, between a peer that answers what it likes and a core that listens. */
@Timeout(60)
class GovernanceDeskTest {
  private static final Action SUSPEND = new Action.SuspendNode("d");
  private static final Action REASSIGN = new Action.ReassignWitnesses();

  @TempDir Path directory;

  private static Bytes last(DecisionChain chain) {
    return chain.decisions().get(chain.decisions().size() - 1).encoded();
  }

  /** A peer that shows a split, of long ago perhaps, may know what nobody else knows. */
  @Test
  void aSplitHidesNothingOfWhatElseAPeerKnows() throws Exception {
    Polity polity = new Polity("a", "b", "c", "d");
    DecisionChain none = polity.chain();
    DecisionChain one = polity.decide(none, SUSPEND);
    DecisionChain two = polity.decide(one, REASSIGN);
    List<Bytes> candidates = new ArrayList<>();
    List<ValidDecision> logged = new ArrayList<>();
    try (GovernanceDesk desk =
        new GovernanceDesk(
            none.genesis(),
            none.genesis().node("a").orElseThrow(),
            new GatedSigner(TestNetwork.signer("log a")),
            new GovernanceStore(directory),
            none,
            List::of,
            candidates::add,
            (peer, proof) -> {},
            logged::add,
            new Standings(none.genesis(), "a", () -> true, () -> none),
            Endings.named("governance"),
            () -> 0)) {
      desk.open();
      desk.handIn(last(one)).toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);

      desk.ask(
          answering(
              new GovernanceExchange.Answer(
                  2, List.of(last(polity.decide(none, REASSIGN)), last(two)), List.of())),
          List.of("b"));

      // Behind what the desk does with the answer.
      desk.handIn(last(one)).toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
      assertEquals(4, candidates.size());
      assertEquals(
          List.of(last(one), last(two)), logged.stream().map(ValidDecision::encoded).toList());
    }
  }

  private static PeerTransport answering(GovernanceExchange.Answer answer) {
    return (PeerTransport)
        Proxy.newProxyInstance(
            PeerTransport.class.getClassLoader(),
            new Class<?>[] {PeerTransport.class},
            (proxy, method, arguments) -> Future.succeededFuture(PeerReply.ok(answer.encode())));
  }
}
