package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.Machine;
import org.probity.detector.crypto.Hash;
import org.probity.detector.evidence.Evidence;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Polity;
import org.probity.detector.governance.Proposal;
import org.probity.detector.governance.Stance;
import org.probity.ledger.client.OrderPlan;
import org.probity.ledger.client.PaymentOrders;
import org.probity.ledger.program.LedgerReader;
import org.probity.ledger.transaction.AccountId;
import org.probity.ledger.transaction.KeyPolicy;
import org.probity.ledger.transaction.Operation;
import org.probity.node.http.GovernanceService;
import org.probity.node.http.PeerStatus;
import org.probity.node.http.SubmissionReply;
import org.probity.node.http.api.Polling;

/**
 * SPEC protocol.md §8.3: what follows from a proof is for the members. A node that they readmit is
 * paid and pays again, and its proof stays on record.
 */
@Timeout(240)
class ReadmissionTest {
  private static final List<String> NAMES = List.of("a", "b", "c", "d");
  private static final String CULPRIT = "d";

  @TempDir Path directory;
  private final OrderPlan plan = new OrderPlan(PaymentOrders.generate(7, 40), NAMES);

  @Test
  void moneyFlowsBothWaysAfterAReadmission() throws Exception {
    try (TestBanks banks = new TestBanks(directory, 1, 2, NAMES.toArray(String[]::new))) {
      for (String name : NAMES) {
        banks.start(name);
      }
      for (String name : NAMES) {
        open(banks, name);
      }
      Evidence proof = banks.forkOf(CULPRIT);
      for (String name : List.of("a", "b", "c")) {
        get(banks.node(name).facade().evidence("b", proof.encoded()).toCompletionStage());
        await(() -> status(banks, name).verdict().equals("exposed"), "exposed at " + name);
      }
      DecisionChain chain = new Polity(banks.network).chain();
      for (Action action :
          List.of(
              proof.submission(),
              new Action.SuspendNode(CULPRIT),
              new Action.ReadmitNode(CULPRIT, true))) {
        chain = decide(banks, chain, action);
        long epoch = chain.state().epoch();
        for (String name : NAMES) {
          await(() -> epoch(banks, name) == epoch, name + " in epoch " + epoch);
        }
      }
      // From here on a restart has to remember what was decided.
      banks.stop("b");
      banks.start("b");
      for (String name : NAMES) {
        for (SubmissionReply reply : banks.submit(name, plan.payments(name, 0))) {
          assertTrue(reply.recorded().isPresent(), () -> "refused: " + reply.refused());
        }
      }
      await(() -> isSettled(banks), "every payment arrives");
      for (String name : List.of("a", "b", "c")) {
        assertEquals("exposed", status(banks, name).verdict(), "the proof stays on record");
        assertEquals(1, banks.node(name).facade().evidenceFiles().size());
      }
      assertEquals(
          List.of(),
          banks.node(CULPRIT).facade().peers().stream()
              .filter(peer -> peer.verdict().equals("suspected"))
              .map(PeerStatus::node)
              .toList());
    }
  }

  private void open(TestBanks banks, String name) throws Exception {
    KeyPolicy owner = KeyPolicy.single(banks.bankKey.publicKey().toBytes());
    List<Operation> operations = new ArrayList<>(plan.openings(name, banks.crowns.id(), owner));
    operations.addAll(plan.issues(name, banks.crowns.id(), 1));
    for (SubmissionReply reply : banks.submit(name, operations)) {
      assertTrue(reply.recorded().isPresent(), () -> "refused: " + reply.refused());
    }
  }

  /** Everybody who has a vote uses it, at one node. */
  private static DecisionChain decide(TestBanks banks, DecisionChain chain, Action action)
      throws Exception {
    Polity polity = new Polity(banks.network);
    Hash network = banks.network.genesis().networkId();
    Proposal proposal = new Proposal(chain.state().epoch(), action);
    GovernanceService desk = banks.node("a").facade().governance();
    get(
        desk.propose(proposal.sign(network, banks.network.logKey("a")).encoded())
            .toCompletionStage());
    Stance stance = Stance.of(proposal.id(network));
    for (String member : chain.state().electorate().members()) {
      Bytes ballot = polity.sign(Polity.first(chain.state(), member, stance)).encoded();
      get(desk.vote(ballot).toCompletionStage());
    }
    return polity.decide(chain, action);
  }

  private static void get(CompletionStage<?> stage) throws Exception {
    stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  private static long epoch(TestBanks banks, String name) {
    return Machine.system(banks.node(name).facade().published().state())
        .governance(banks.network.genesis().networkId())
        .epoch();
  }

  /** Nothing is under way any more, and every crown has reached its payee once. */
  private boolean isSettled(TestBanks banks) {
    BigInteger credited = BigInteger.ZERO;
    for (String name : NAMES) {
      LedgerReader reader =
          new LedgerReader(Machine.application(banks.node(name).facade().published().state()));
      long[] pending = {0};
      reader.forEachPending(group -> pending[0]++);
      if (pending[0] > 0) {
        return false;
      }
      Set<AccountId> payees = new TreeSet<>();
      plan.orders().stream()
          .filter(order -> plan.payeeNode(order).equals(name))
          .forEach(order -> payees.add(OrderPlan.payeeAccount(order)));
      for (AccountId payee : payees) {
        credited = credited.add(reader.account(payee).orElseThrow().balanceMinor());
      }
    }
    return credited.equals(BigInteger.valueOf(plan.totalMinor()));
  }

  private static PeerStatus status(TestBanks banks, String at) {
    return banks.node(at).facade().peers().stream()
        .filter(peer -> peer.node().equals(CULPRIT))
        .findFirst()
        .orElseThrow();
  }

  private static void await(BooleanSupplier condition, String what) throws InterruptedException {
    assertTrue(Polling.LOCAL.await(Duration.ofSeconds(100), condition), what);
  }
}
