package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.commitment.Machine;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.TreeHead;
import org.probity.ledger.client.OrderPlan;
import org.probity.ledger.client.PaymentOrders;
import org.probity.ledger.program.LedgerReader;
import org.probity.ledger.transaction.AccountId;
import org.probity.ledger.transaction.KeyPolicy;
import org.probity.ledger.transaction.Operation;
import org.probity.node.http.NodeService;
import org.probity.node.http.PeerStatus;
import org.probity.node.http.PublishedLog;
import org.probity.node.http.SubmissionReply;
import org.probity.node.http.api.Polling;
import org.probity.node.testing.Generous;

/** Running nodes with real stores: payments settle, restarts lose nothing, cheats are exposed. */
@Timeout(120)
class RunningNodeTest {
  private static final List<String> NAMES = List.of("a", "b", "c", "d");

  @TempDir Path directory;

  @Test
  void settlesPaymentsBetweenBanksAndComesBackWithTheSameState() throws Exception {
    try (TestBanks banks = new TestBanks(directory, 1, 2, "a", "b", "c", "d")) {
      for (String name : NAMES) {
        banks.start(name);
      }
      OrderPlan plan = new OrderPlan(PaymentOrders.generate(7, 200), NAMES);
      pay(banks, plan);

      awaitGrowth(banks, () -> settled(banks, plan), "all payments are confirmed");
      for (String name : NAMES) {
        awaitAudited(banks, name);
      }
      for (String name : NAMES) {
        assertTrue(
            banks.node(name).facade().peers().stream()
                .allMatch(peer -> peer.verdict().equals("trusted")),
            "somebody is accused at " + name);
      }

      TreeHead before = banks.node("b").facade().ownLog().head();
      banks.stop("b");
      banks.start("b");
      PublishedLog after = banks.node("b").facade().ownLog();
      // Acknowledgements may have been logged while it was stopping.
      assertEquals(before.root(), MerkleProofs.rootAt(after.entries(), before.size()));
      List<SubmissionReply> again = banks.submit("b", plan.issues("b", banks.crowns.id(), 1));
      assertTrue(again.stream().allMatch(reply -> reply.recorded().isPresent()));

      awaitAudited(banks, "b");
      for (Ward ward : banks.node("b").wards()) {
        assertTrue(
            ward.replayedEntries() < ward.auditedSize() / 2,
            () -> ward.node() + ": replayed " + ward.replayedEntries() + " entries again");
      }
    }
  }

  @Test
  void anOverdraftIsExposedByEveryCorrectNode() throws Exception {
    try (TestBanks banks = new TestBanks(directory, 1, 2, "a", "b", "c", "d")) {
      for (String name : NAMES) {
        banks.start(name, name.equals("a") ? Generous::new : program -> program);
      }
      OrderPlan plan = new OrderPlan(PaymentOrders.generate(7, 40), NAMES);
      for (String name : NAMES) {
        openAndIssue(banks, plan, name);
      }
      // Nobody was issued twice what the orders sum to.
      banks.submit("a", plan.payments("a", 0));
      banks.submit("a", plan.payments("a", 1));

      for (String name : List.of("b", "c", "d")) {
        await(() -> verdict(banks, name, "a").equals("exposed"), "a is exposed at " + name);
        assertEquals(
            List.of("a"),
            banks.node(name).facade().peers().stream()
                .filter(peer -> !peer.verdict().equals("trusted"))
                .map(PeerStatus::node)
                .toList());
        assertEquals("INVALID_TRANSITION", banks.node(name).facade().evidenceFiles().get(0).kind());
        assertEquals(Optional.empty(), status(banks, name, name.equals("b") ? "c" : "b").since());
      }
      Instant exposed = status(banks, "b", "a").since().orElseThrow();
      assertTrue(Duration.between(exposed, Instant.now()).abs().toMinutes() < 5, exposed::toString);
      banks.stop("b");
      Instant restarted = Instant.now();
      banks.start("b");
      await(() -> verdict(banks, "b", "a").equals("exposed"), "the proof is remembered");
      Instant remembered = status(banks, "b", "a").since().orElseThrow();
      assertTrue(remembered.isBefore(restarted), "since the proof was found: " + remembered);
    }
  }

  private static void openAndIssue(TestBanks banks, OrderPlan plan, String name) throws Exception {
    KeyPolicy owner = KeyPolicy.single(banks.bankKey.publicKey().toBytes());
    List<Operation> operations = new ArrayList<>(plan.openings(name, banks.crowns.id(), owner));
    operations.addAll(plan.issues(name, banks.crowns.id(), 1));
    for (SubmissionReply reply : banks.submit(name, operations)) {
      assertTrue(reply.recorded().isPresent(), () -> "refused: " + reply.refused());
    }
  }

  private static void pay(TestBanks banks, OrderPlan plan) throws Exception {
    for (String name : NAMES) {
      openAndIssue(banks, plan, name);
    }
    for (String name : NAMES) {
      for (SubmissionReply reply : banks.submit(name, plan.payments(name, 0))) {
        assertTrue(reply.recorded().isPresent(), () -> "refused: " + reply.refused());
      }
    }
  }

  private static boolean settled(TestBanks banks, OrderPlan plan) {
    BigInteger credited = BigInteger.ZERO;
    for (String name : NAMES) {
      LedgerReader reader = reader(banks, name);
      long[] pending = {0};
      reader.forEachPending(group -> pending[0]++);
      if (pending[0] > 0) {
        return false;
      }
      Set<AccountId> payees = new TreeSet<>();
      for (var order : plan.orders()) {
        if (plan.payeeNode(order).equals(name)) {
          payees.add(OrderPlan.payeeAccount(order));
        }
      }
      for (AccountId payee : payees) {
        credited = credited.add(reader.account(payee).orElseThrow().balanceMinor());
      }
    }
    return credited.equals(BigInteger.valueOf(plan.totalMinor()));
  }

  /** Until what its wards have published by now is replayed. */
  private static void awaitAudited(TestBanks banks, String at) throws InterruptedException {
    for (Ward ward : banks.node(at).wards()) {
      long size = banks.node(ward.node()).facade().ownLog().size();
      Progress.await(banks.node(at), ward.node(), each -> each.auditedSize() >= size);
    }
  }

  private static String verdict(TestBanks banks, String at, String about) {
    return status(banks, at, about).verdict();
  }

  private static PeerStatus status(TestBanks banks, String at, String about) {
    return banks.node(at).facade().peers().stream()
        .filter(peer -> peer.node().equals(about))
        .findFirst()
        .orElseThrow();
  }

  private static LedgerReader reader(TestBanks banks, String name) {
    return new LedgerReader(Machine.application(banks.node(name).facade().published().state()));
  }

  /** Waits for what the growth of some own log brings about. */
  private static void awaitGrowth(TestBanks banks, BooleanSupplier condition, String what)
      throws InterruptedException {
    Semaphore grown = new Semaphore(0);
    List<NodeService.Registration> registrations = new ArrayList<>();
    for (String name : NAMES) {
      registrations.add(banks.node(name).facade().onGrowth(grown::release));
    }
    while (!condition.getAsBoolean()) {
      assertTrue(grown.tryAcquire(60, TimeUnit.SECONDS), () -> "in vain: " + what);
    }
    registrations.forEach(NodeService.Registration::cancel);
  }

  /** Waits for something that other threads bring about. */
  private static void await(BooleanSupplier condition, String what) throws InterruptedException {
    assertTrue(Polling.LOCAL.await(Duration.ofMinutes(1), condition), () -> "in vain: " + what);
  }
}
