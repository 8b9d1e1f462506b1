package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Polity;
import org.probity.detector.governance.Proposal;
import org.probity.detector.governance.Seating;
import org.probity.detector.governance.Stance;
import org.probity.ledger.client.OrderPlan;
import org.probity.ledger.client.PaymentOrders;
import org.probity.ledger.transaction.KeyPolicy;
import org.probity.ledger.transaction.Operation;
import org.probity.node.http.GovernanceService;
import org.probity.node.http.HeldAudit;
import org.probity.node.http.PublishedLog;
import org.probity.node.testing.Generous;

/** SPEC protocol.md §6.1: seats move by decision, and no log is without witnesses meanwhile. */
@Timeout(240)
class SeatMovesTest {
  private static final List<String> NAMES = List.of("a", "b", "c", "d", "e");
  private static final String WARD = "a";

  @TempDir Path directory;
  private final OrderPlan plan = new OrderPlan(PaymentOrders.generate(7, 40), NAMES);
  private DecisionChain chain;

  /** Everybody votes for it, at the ward, and the chain goes on. */
  private void decide(TestBanks banks, Action action) throws Exception {
    Polity polity = new Polity(banks.network);
    Hash network = banks.network.genesis().networkId();
    Proposal proposal = new Proposal(chain.state().epoch(), action);
    GovernanceService desk = banks.node(WARD).facade().governance();
    get(
        desk.propose(proposal.sign(network, banks.network.logKey(WARD)).encoded())
            .toCompletionStage());
    Stance stance = Stance.of(proposal.id(network));
    for (String member : chain.state().electorate().members()) {
      Bytes ballot = polity.sign(Polity.first(chain.state(), member, stance)).encoded();
      get(desk.vote(ballot).toCompletionStage());
    }
    chain = polity.decide(chain, action);
  }

  private static void get(CompletionStage<?> stage) throws Exception {
    stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  private List<String> seats() {
    return Seating.of(chain.state()).witnessesOf(WARD).stream().map(NodeRecord::node).toList();
  }

  private TestBanks founded() throws Exception {
    TestBanks banks = new TestBanks(directory, 1, 2, NAMES.toArray(String[]::new));
    chain = new Polity(banks.network).chain();
    return banks;
  }

  /** Who has signed for all of the ward's log up to here, as the ward knows it. */
  private static Set<String> signedUpTo(TestBanks banks, long size) {
    Set<String> auditors = new TreeSet<>();
    for (HeldAudit audit : banks.node(WARD).facade().audits().ofOwnLog()) {
      if (audit.toSize() >= size) {
        auditors.add(audit.auditor());
      }
    }
    return auditors;
  }

  private static boolean follows(TestBanks banks, String witness) {
    return banks.node(witness).facade().audits().ofWards().stream()
        .anyMatch(ward -> ward.node().equals(WARD));
  }

  private static long held(TestBanks banks, String by) {
    Hash origin =
        Hash.sha256(
            Bytes.utf8(banks.network.genesis().origin(banks.network.node(WARD)).format())
                .unsafeArray());
    return banks.node(by).facade().replica(origin).map(PublishedLog::size).orElse(0L);
  }

  private long grow(TestBanks banks) throws Exception {
    KeyPolicy owner = KeyPolicy.single(banks.bankKey.publicKey().toBytes());
    List<Operation> operations = new ArrayList<>();
    if (banks.node(WARD).facade().ownLog().size() < 3) {
      operations.addAll(plan.openings(WARD, banks.crowns.id(), owner));
    }
    operations.addAll(plan.issues(WARD, banks.crowns.id(), 1));
    banks
        .submit(WARD, operations)
        .forEach(reply -> assertTrue(reply.recorded().isPresent(), () -> "" + reply.refused()));
    return banks.node(WARD).facade().ownLog().size();
  }

  @Test
  void aSeatIsTakenAtOnceAndGivenUpOnlyWhenItIsHandedOver() throws Exception {
    try (TestBanks banks = founded()) {
      for (String name : NAMES) {
        banks.start(name);
      }
      long first = grow(banks);
      List<String> founding = seats();
      await(() -> signedUpTo(banks, first).containsAll(founding), "the founding witnesses sign");

      // One witness stops, and the members suspend it: the next in the order takes the seat.
      String stopped = founding.get(0);
      String stays = founding.get(1);
      banks.stop(stopped);
      decide(banks, new Action.SuspendNode(stopped));
      List<String> interim = seats();
      String next = interim.stream().filter(node -> !node.equals(stays)).findFirst().orElseThrow();
      assertTrue(interim.contains(stays));
      long second = grow(banks);
      await(
          () -> signedUpTo(banks, second).containsAll(interim),
          () -> "the next one signs for all of it: " + signedUpTo(banks, second));
      await(
          () -> witnessesToldBy(banks, stays).equals(interim.stream().sorted().toList()),
          "GET /v1/governance says who witnesses");

      // The seat goes back, and the one it goes back to is not there: nothing is left unwatched.
      decide(banks, new Action.ReadmitNode(stopped, false));
      assertEquals(founding, seats());
      await(() -> loggedEpoch(banks, next) == 2, "the interim witness knows");
      long third = grow(banks);
      await(
          () -> signedUpTo(banks, third).containsAll(interim),
          () -> "the interim witness goes on: " + signedUpTo(banks, third));

      // Neither does a restart in between end it.
      banks.stop(next);
      banks.start(next);
      long fourth = grow(banks);
      await(
          () -> signedUpTo(banks, fourth).containsAll(interim),
          () -> "the interim witness goes on after a restart: " + signedUpTo(banks, fourth));
      assertTrue(follows(banks, next));

      // When the other is back and has signed for what was held, the interim one is relieved.
      banks.start(stopped);
      await(() -> signedUpTo(banks, fourth).contains(stopped), "the seat's holder signs");
      await(() -> !follows(banks, next), "the interim witness ends");
      long fifth = grow(banks);
      await(() -> signedUpTo(banks, fifth).containsAll(founding), "the holders go on");
      long stored = held(banks, next);
      assertTrue(stored >= fourth && stored < fifth, "what it holds it serves: " + stored);
      banks.stop(next);
      banks.start(next);
      assertEquals(stored, held(banks, next), "nothing came, and nothing is lost by a restart");
      assertTrue(!follows(banks, next));
      for (String name : NAMES) {
        assertEquals(List.of(), banks.node(name).facade().evidenceFiles());
      }
    }
  }

  @Test
  void aFaultAfterTheMoveIsFoundByTheNewWitness() throws Exception {
    try (TestBanks banks = founded()) {
      for (String name : NAMES) {
        banks.start(name, name.equals(WARD) ? Generous::new : program -> program);
      }
      grow(banks);
      String stopped = seats().get(0);
      String stays = seats().get(1);
      banks.stop(stopped);
      decide(banks, new Action.SuspendNode(stopped));
      String next = seats().stream().filter(node -> !node.equals(stays)).findFirst().orElseThrow();
      await(() -> loggedEpoch(banks, next) == 1, "the decision is known");
      // Nobody else looks: what comes to be known comes from the new witness.
      banks.stop(stays);
      // To the suspended node nothing can be paid, so more rounds than were issued for.
      for (int round = 0; round < 4; round++) {
        List<Operation> payments = new ArrayList<>(plan.payments(WARD, round));
        payments.removeIf(
            payment -> payment instanceof Operation.Remit remit && remit.node().equals(stopped));
        banks.submit(WARD, payments);
      }
      await(
          () ->
              banks.node(next).facade().evidenceFiles().stream()
                  .anyMatch(file -> file.node().equals(WARD)),
          "the new witness has found it");
    }
  }

  @Test
  void aLogThatItsNodeDoesNotServeIsCopiedFromWhoeverHoldsIt() throws Exception {
    try (TestBanks banks = founded()) {
      for (String name : NAMES) {
        banks.start(name);
      }
      long size = grow(banks);
      String stopped = seats().get(0);
      String stays = seats().get(1);
      await(() -> held(banks, stays) >= size, "a witness holds it");
      Action suspension = new Action.SuspendNode(stopped);
      String next =
          Seating.of(new Polity(banks.network).decide(chain, suspension).state())
              .witnessesOf(WARD)
              .stream()
              .map(NodeRecord::node)
              .filter(node -> !node.equals(stays))
              .findFirst()
              .orElseThrow();
      // The ward falls silent before the next witness has seen any of it.
      banks.stop(next);
      decide(banks, suspension);
      await(() -> loggedEpoch(banks, stays) == 1, "the decision is known elsewhere");
      banks.stop(WARD);
      long left = held(banks, stays);
      banks.start(next);
      await(() -> loggedEpoch(banks, next) == 1, "the decision is known");
      await(
          () -> held(banks, next) == left,
          () -> "the copy is complete: " + held(banks, next) + " of " + left);
    }
  }

  private static long loggedEpoch(TestBanks banks, String node) {
    return banks.node(node).facade().governance().status().path("loggedEpoch").asLong();
  }

  private static List<String> witnessesToldBy(TestBanks banks, String node) {
    List<String> told = new ArrayList<>();
    banks
        .node(node)
        .facade()
        .governance()
        .status()
        .path("nodes")
        .path(WARD)
        .path("witnesses")
        .forEach(witness -> told.add(witness.asText()));
    return told.stream().sorted().toList();
  }

  private static void await(BooleanSupplier condition, String what) {
    await(condition, () -> what);
  }

  private static void await(BooleanSupplier condition, java.util.function.Supplier<String> what) {
    long deadlineNanos = System.nanoTime() + 60_000_000_000L;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadlineNanos) {
        throw new AssertionError("not within a minute: " + what.get());
      }
      LockSupport.parkNanos(5_000_000);
    }
  }
}
