package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.probity.detector.audit.AuditLane;
import org.probity.detector.audit.Priority;
import org.probity.ledger.client.OrderPlan;
import org.probity.ledger.client.PaymentOrders;
import org.probity.ledger.transaction.KeyPolicy;
import org.probity.ledger.transaction.Operation;
import org.probity.node.http.PeerStatus;
import org.probity.node.http.ScoringStatus;
import org.probity.node.http.api.Polling;
import org.probity.node.scoring.ScoringSettings;
import org.probity.node.testing.Generous;

/**
 * SPEC protocol.md §9 on running nodes with real stores: hints change when a ward is replayed,
 * never whether, and the scores that nodes have of one another accuse nobody.
 */
@Timeout(120)
class ScoredAuditsTest {
  private static final List<String> NAMES = List.of("a", "b", "c", "d");
  private static final String CULPRIT = "a";

  @TempDir Path directory;

  private enum Opinion {
    /** The culprit is the last one to look at. */
    STARVING,
    RANDOM,
    THROWING;

    AuditHints hints() {
      return switch (this) {
        case STARVING -> ward -> Priority.of(ward.equals(CULPRIT) ? 0 : 20);
        case RANDOM -> {
          // Which hint comes when is up to the threads; what comes is the same each time.
          Random random = new Random(7);
          yield ward -> Priority.of(random.nextDouble() * 30 - 5);
        }
        case THROWING ->
            ward -> {
              throw new IllegalStateException("planted");
            };
      };
    }
  }

  @ParameterizedTest
  @EnumSource
  void aFaultIsExposedWhateverTheHintsSay(Opinion opinion) throws Exception {
    try (TestBanks banks = new TestBanks(directory, 1, 2, "a", "b", "c", "d")) {
      banks.hints = own -> opinion.hints();
      banks.audits = new AuditSettings(Duration.ofMillis(20), 2, 32, 50);
      for (String name : NAMES) {
        banks.start(name, name.equals(CULPRIT) ? Generous::new : program -> program);
      }
      OrderPlan plan = new OrderPlan(PaymentOrders.generate(7, 200), NAMES);
      for (String name : NAMES) {
        openAndIssue(banks, plan, name);
      }
      for (String name : List.of("b", "c", "d")) {
        banks.submit(name, plan.payments(name, 0));
      }
      // Nobody was issued twice what the orders sum to.
      banks.submit(CULPRIT, plan.payments(CULPRIT, 0));
      banks.submit(CULPRIT, plan.payments(CULPRIT, 1));

      long scored = 0;
      long floor = 0;
      for (String name : List.of("b", "c", "d")) {
        await(() -> verdicts(banks, name).contains("a exposed"), "a is exposed at " + name);
        await(() -> isAudited(banks.node(name)), name + " has replayed all it has");
        assertEquals(
            List.of("a exposed", "trusted", "trusted"),
            verdicts(banks, name).stream()
                .map(verdict -> verdict.endsWith("trusted") ? "trusted" : verdict)
                .sorted()
                .toList());
        scored += banks.node(name).rounds().slots(AuditLane.SCORE);
        floor += banks.node(name).rounds().slots(AuditLane.FLOOR);
      }
      assertTrue(floor > 0, "slots of the floor: " + floor);
      assertEquals(opinion != Opinion.THROWING, scored > 0, "slots given by hints: " + scored);
    }
  }

  /** A node's own telemetry, model and scores, from nothing to a model that survives a restart. */
  @Test
  void nodesScoreOneAnotherAndAccuseNobody() throws Exception {
    try (TestBanks banks = new TestBanks(directory, 1, 2, "a", "b", "c", "d")) {
      banks.scoring = new ScoringSettings(true, Duration.ofMillis(50), 10);
      for (String name : NAMES) {
        banks.start(name);
      }
      ScoringStatus before = banks.node("a").facade().scoring();
      assertTrue(before.enabled());
      assertEquals(3, before.peers().size());
      assertTrue(
          banks.node("a").facade().peers().stream().allMatch(peer -> peer.score().isEmpty()),
          "nobody has a score without a model");
      OrderPlan plan = new OrderPlan(PaymentOrders.generate(7, 200), NAMES);
      for (String name : NAMES) {
        openAndIssue(banks, plan, name);
        banks.submit(name, plan.payments(name, 0));
      }

      await(() -> banks.node("a").facade().scoring().trained(), "a model is trained");

      ScoringStatus scoring = banks.node("a").facade().scoring();
      assertTrue(scoring.rows() >= 200, scoring::toString);
      for (ScoringStatus.Peer peer : scoring.peers()) {
        assertTrue(peer.score().orElseThrow() >= 0 && peer.score().orElseThrow() <= 20);
        assertTrue(peer.why().reasons().size() <= 3);
      }
      for (PeerStatus peer : banks.node("a").facade().peers()) {
        assertEquals("trusted", peer.verdict());
        assertTrue(peer.score().isPresent());
        boolean isWard =
            banks.node("a").wards().stream().anyMatch(ward -> ward.node().equals(peer.node()));
        assertEquals(isWard, !peer.lane().isEmpty(), peer::toString);
      }
      banks.stop("a");
      // So long that no model can be trained anew meanwhile.
      banks.scoring = new ScoringSettings(true, Duration.ofHours(1), 10);
      banks.start("a");
      await(() -> banks.node("a").facade().scoring().trained(), "the model is remembered");
      assertEquals(0, banks.node("a").facade().scoring().rows(), "and the measurements are not");
    }
  }

  @Test
  void whoDoesNotWantScoresHasNone() throws Exception {
    try (TestBanks banks = new TestBanks(directory, 0, 1, "a", "b")) {
      banks.scoring = new ScoringSettings(false, Duration.ofMillis(50), 10);
      banks.start("a");
      banks.start("b");
      OrderPlan plan = new OrderPlan(PaymentOrders.generate(7, 40), List.of("a", "b"));
      openAndIssue(banks, plan, "b");
      await(() -> isAudited(banks.node("a")), "everything is replayed");
      ScoringStatus scoring = banks.node("a").facade().scoring();
      assertFalse(scoring.enabled());
      assertEquals(0, scoring.epochs());
      assertTrue(scoring.peers().get(0).score().isEmpty());
      assertEquals(0, banks.node("a").rounds().slots(AuditLane.SCORE));
    }
  }

  private static boolean isAudited(RunningNode node) {
    return node.wards().stream()
        .allMatch(
            ward ->
                ward.stored().size() > 1
                    && node.rounds().standing(ward.node()).lag().entries() == 0);
  }

  private static List<String> verdicts(TestBanks banks, String at) {
    return banks.node(at).facade().peers().stream()
        .map(peer -> peer.node() + " " + peer.verdict())
        .toList();
  }

  private static void openAndIssue(TestBanks banks, OrderPlan plan, String name) throws Exception {
    KeyPolicy owner = KeyPolicy.single(banks.bankKey.publicKey().toBytes());
    List<Operation> operations = new ArrayList<>(plan.openings(name, banks.crowns.id(), owner));
    operations.addAll(plan.issues(name, banks.crowns.id(), 1));
    banks.submit(name, operations);
  }

  private static void await(BooleanSupplier condition, String what) throws InterruptedException {
    assertTrue(Polling.LOCAL.await(Duration.ofMinutes(1), condition), what);
  }
}
