package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
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
import org.probity.node.http.api.Polling;

/** Five banks whose members decide about witness seats, and one of them whose seats are watched. */
final class SeatedBanks implements AutoCloseable {
  /** So much is issued that every order can be paid so often. */
  static final int ROUNDS = 400;

  final TestBanks banks;
  final OrderPlan plan;
  private final List<String> names;
  private final String ward;
  private DecisionChain chain;

  SeatedBanks(Path directory, String ward, List<String> names) {
    this.names = names;
    this.ward = ward;
    this.banks = new TestBanks(directory, 1, 2, names.toArray(String[]::new));
    this.plan = new OrderPlan(PaymentOrders.generate(7, 40), names);
    this.chain = new Polity(banks.network).chain();
  }

  /** Everything that is decided. */
  DecisionChain chain() {
    return chain;
  }

  /** As it would be after that. */
  DecisionChain after(Action action) {
    return new Polity(banks.network).decide(chain, action);
  }

  /** The members have decided so elsewhere. */
  void isDecided(DecisionChain decided) {
    chain = decided;
  }

  /** Everybody votes for it, at the ward, and the chain goes on. */
  void decide(Action action) throws Exception {
    decide(action, ward);
  }

  /** The same, at another node. */
  void decide(Action action, String at) throws Exception {
    Polity polity = new Polity(banks.network);
    Hash network = banks.network.genesis().networkId();
    Proposal proposal = new Proposal(chain.state().epoch(), action);
    GovernanceService desk = banks.node(at).facade().governance();
    get(
        desk.propose(proposal.sign(network, banks.network.logKey(at)).encoded())
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

  /** Until these have logged every decision. */
  void awaitDecisions(String... nodes) throws InterruptedException {
    for (String node : nodes) {
      await(
          () -> loggedEpoch(node) == chain.state().epoch(),
          () -> node + " has logged " + loggedEpoch(node));
    }
  }

  long loggedEpoch(String node) {
    return banks.node(node).facade().governance().status().path("loggedEpoch").asLong();
  }

  /** Who witnesses the ward by everything that is decided. */
  List<String> seats() {
    return seats(chain);
  }

  List<String> seats(DecisionChain decided) {
    return Seating.of(decided.state()).witnessesOf(ward).stream().map(NodeRecord::node).toList();
  }

  /** Who has signed for all of the ward's log up to here, as the ward knows it. */
  Set<String> signedUpTo(long size) {
    Set<String> auditors = new TreeSet<>();
    for (HeldAudit audit : banks.node(ward).facade().audits().ofOwnLog()) {
      if (audit.toSize() >= size) {
        auditors.add(audit.auditor());
      }
    }
    return auditors;
  }

  boolean follows(String witness) {
    return banks.node(witness).facade().audits().ofWards().stream()
        .anyMatch(followed -> followed.node().equals(ward));
  }

  long held(String by) {
    Hash origin =
        Hash.sha256(
            Bytes.utf8(banks.network.genesis().origin(banks.network.node(ward)).format())
                .unsafeArray());
    return banks.node(by).facade().replica(origin).map(PublishedLog::size).orElse(0L);
  }

  /** Whether it holds a proof against the ward. */
  boolean hasProof(String node) {
    return banks.node(node).facade().evidenceFiles().stream()
        .anyMatch(file -> file.node().equals(ward));
  }

  /** The ward's log with more in it; what its payers can pay then. */
  long grow() throws Exception {
    if (size() < 3) {
      open(ward);
    }
    submit(ward, plan.issues(ward, banks.crowns.id(), 1));
    return size();
  }

  /** Accounts for every order, and money for {@link #ROUNDS} rounds of the ward's. */
  void openAll() throws Exception {
    for (String name : names) {
      open(name);
    }
    submit(ward, plan.issues(ward, banks.crowns.id(), ROUNDS));
  }

  private void open(String name) throws Exception {
    KeyPolicy owner = KeyPolicy.single(banks.bankKey.publicKey().toBytes());
    submit(name, plan.openings(name, banks.crowns.id(), owner));
  }

  private void submit(String name, List<Operation> operations) throws Exception {
    banks
        .submit(name, operations)
        .forEach(reply -> assertTrue(reply.recorded().isPresent(), () -> "" + reply.refused()));
  }

  /** One round of the ward's orders, but for those to nodes that are stopped. */
  void pay(int round, String... stopped) throws Exception {
    List<Operation> payments = new ArrayList<>(plan.payments(ward, round));
    payments.removeIf(
        payment ->
            payment instanceof Operation.Remit remit && List.of(stopped).contains(remit.node()));
    submit(ward, payments);
  }

  long size() {
    return banks.node(ward).facade().ownLog().size();
  }

  static void await(BooleanSupplier condition, String what) throws InterruptedException {
    await(condition, () -> what);
  }

  static void await(BooleanSupplier condition, Supplier<String> what) throws InterruptedException {
    assertTrue(
        Polling.LOCAL.await(Duration.ofMinutes(1), condition),
        () -> "not within a minute: " + what.get());
  }

  @Override
  public void close() {
    banks.close();
  }
}
