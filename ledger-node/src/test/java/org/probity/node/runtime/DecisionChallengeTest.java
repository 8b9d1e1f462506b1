package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.crypto.Hash;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.Polity;
import org.probity.detector.governance.Proposal;
import org.probity.detector.governance.Stance;
import org.probity.detector.node.Patience;
import org.probity.node.http.GovernanceService;
import org.probity.node.http.api.Polling;

/**
 * SPEC protocol.md §7.1: a governance decision every node must log. Running nodes; one of them does
 * not want to know what the members decide, and its witnesses put it to it.
 */
@Timeout(180)
class DecisionChallengeTest {
  private static final String DEAF = "b";
  private static final List<String> OTHERS = List.of("a", "c");

  @TempDir Path directory;

  private static void await(String what, BooleanSupplier condition) throws Exception {
    assertTrue(Polling.LOCAL.await(Duration.ofMinutes(2), condition), what);
  }

  private static long logged(TestBanks banks, String node) {
    return banks.node(node).facade().governance().status().path("loggedEpoch").asLong();
  }

  private static void decide(TestBanks banks, Action action) throws Exception {
    Polity polity = new Polity(banks.network);
    Hash network = banks.network.genesis().networkId();
    Proposal proposal = new Proposal(0, action);
    GovernanceService desk = banks.node("a").facade().governance();
    desk.propose(proposal.sign(network, banks.network.logKey("a")).encoded())
        .toCompletionStage()
        .toCompletableFuture()
        .get(20, TimeUnit.SECONDS);
    for (String member : polity.chain().state().electorate().members()) {
      desk.vote(
              polity
                  .sign(
                      Polity.first(polity.chain().state(), member, Stance.of(proposal.id(network))))
                  .encoded())
          .toCompletionStage()
          .toCompletableFuture()
          .get(20, TimeUnit.SECONDS);
    }
  }

  @Test
  void whoDoesNotAskIsTold() throws Exception {
    try (TestBanks banks = new TestBanks(directory, 1, 2, "a", "b", "c", "d")) {
      banks.patience = new Patience(300, 300, 20_000);
      banks.wire.withhold(DEAF, InProcessTransport.Message.GOVERNANCE);
      for (String name : List.of("a", "b", "c", "d")) {
        banks.start(name);
      }
      decide(banks, new Action.SuspendNode("d"));
      for (String name : OTHERS) {
        await(name + " has not logged it", () -> logged(banks, name) == 1);
      }
      await("the decision was not brought", () -> logged(banks, DEAF) == 1);
      for (String name : OTHERS) {
        await(
            name + " still asks",
            () ->
                banks.node(name).facade().challenges().stream()
                    .noneMatch(open -> open.kind().equals("decision")));
        assertEquals(List.of(), banks.node(name).facade().evidenceFiles(), name);
      }
    }
  }
}
