package org.probity.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.probity.ledger.Fixture.operator;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.probity.detector.audit.ConformanceAudit;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.codec.Uint128;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.Replay;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.Statement;
import org.probity.detector.crypto.TestKeys;
import org.probity.detector.governance.Parameters;
import org.probity.detector.node.Release;
import org.probity.detector.node.TestConsortium;
import org.probity.detector.node.TestNetwork;
import org.probity.detector.program.Transaction;
import org.probity.detector.state.StateTree;
import org.probity.detector.state.StateView;
import org.probity.ledger.audit.Books;
import org.probity.ledger.audit.Sums;
import org.probity.ledger.client.ClientIds;
import org.probity.ledger.client.OrderPlan;
import org.probity.ledger.client.PaymentOrder;
import org.probity.ledger.client.PaymentOrders;
import org.probity.ledger.client.Submitter;
import org.probity.ledger.client.TransactionDraft;
import org.probity.ledger.client.TransactionResult;
import org.probity.ledger.program.LedgerProgram;
import org.probity.ledger.program.LedgerReader;
import org.probity.ledger.transaction.Operation;

/** Five banks on whole detector nodes: signed statements in, audited logs out. */
class LedgerConsortiumTest {
  private static final List<String> BANKS =
      List.of("bank-0", "bank-1", "bank-2", "bank-3", "bank-4");

  private final ClientIds ids = ClientIds.fromSeed(Bytes.utf8("consortium test"));
  private TestConsortium consortium;

  @BeforeEach
  void found() {
    LedgerProgram program = new LedgerProgram();
    TestNetwork network =
        TestNetwork.of(
            Parameters.of(1, 2),
            program.id(),
            Fixture.parameters(BANKS).encode(),
            BANKS.toArray(String[]::new));
    consortium = new TestConsortium(network, program);
    // Ledger time, and with it the horizon of client ids, starts with the first TICK.
    consortium.advance(1_000);
    consortium.run();
  }

  private static Signer signer(String name) {
    return Signer.of(TestKeys.named(name));
  }

  private TransactionDraft draft(String node, String signer) {
    return new TransactionDraft(
        consortium.network().genesis().networkId(),
        node,
        Submitter.key(signer(signer).publicKey()));
  }

  private long deadlineMillis() {
    return consortium.nowMillis() + 60_000;
  }

  /** The code of the outcome, or of the reason why there is none in the log. */
  private String code(String node, long ticket) {
    Release answer = consortium.member(node).answers().get(ticket);
    if (answer instanceof Release.Refused refused) {
      return refused.violation().code();
    }
    try {
      return TransactionResult.decode(((Release.Recorded) answer).outcome()).code();
    } catch (DecodeException e) {
      throw new AssertionError(e);
    }
  }

  /** Submits and waits for the answer, and for all messages to be answered. */
  private String submit(String node, Statement statement) {
    long ticket = consortium.submit(node, statement);
    consortium.run();
    return code(node, ticket);
  }

  private void submitAll(String node, String signer, List<Operation> operations) {
    List<Statement> statements =
        draft(node, signer)
            .addAll(operations)
            .signSplit(ids, deadlineMillis(), 100, List.of(signer(signer)));
    List<Long> tickets = new ArrayList<>();
    statements.forEach(statement -> tickets.add(consortium.submit(node, statement)));
    consortium.member(node).commit();
    tickets.forEach(ticket -> assertEquals("ok", code(node, ticket)));
  }

  @Test
  void settlesOrdersAndEveryLogReplaysToTheSameSums() {
    List<PaymentOrder> orders = PaymentOrders.generate(11, 400);
    OrderPlan plan = new OrderPlan(orders, BANKS);
    for (String bank : BANKS) {
      submitAll(
          bank, operator(bank), plan.openings(bank, Fixture.CZK.id(), Fixture.policy(1, "owner")));
      submitAll(bank, "issuer", plan.issues(bank, Fixture.CZK.id(), 1));
    }
    for (String bank : BANKS) {
      submitAll(bank, "owner", plan.payments(bank, 1));
    }
    consortium.run();

    Sums own = Books.of(states(bank -> published(bank))).sums(Fixture.CZK.id());
    assertTrue(own.clean(), own::toString);
    assertEquals(plan.totalMinor(), own.balancesMinor().longValueExact());
    assertEquals(0, own.inFlightMinor().signum());
    assertEquals(own, Books.of(states(this::audited)).sums(Fixture.CZK.id()));
  }

  private interface StateOf {
    StateTree of(String bank);
  }

  private static SortedMap<String, StateView> states(StateOf source) {
    SortedMap<String, StateView> states = new TreeMap<>();
    BANKS.forEach(bank -> states.put(bank, Machine.application(source.of(bank))));
    return states;
  }

  private StateTree published(String bank) {
    return consortium.member(bank).node().published().orElseThrow().state();
  }

  private StateTree audited(String bank) {
    TestConsortium.Member member = consortium.member(bank);
    ConformanceAudit audit = new ConformanceAudit(member.machine());
    for (long index = 0; index < member.log().size(); index++) {
      assertEquals(
          Optional.empty(),
          audit.feed(Replay.prepare(member.log().entry(index), bank, consortium.verifier())));
    }
    assertEquals(member.log().size(), audit.auditedSize());
    return audit.auditedState();
  }

  @Test
  void theSameTransactionIsExecutedOnce() {
    String bank = BANKS.get(0);
    submitAll(bank, operator(bank), List.of(Fixture.open("alice"), Fixture.open("bob")));
    submitAll(bank, "issuer", List.of(Fixture.issue("alice", 100)));
    Bytes id = ids.next(deadlineMillis());
    Submitter alice = Submitter.account(Fixture.account("alice"));
    TransactionDraft pay =
        new TransactionDraft(consortium.network().genesis().networkId(), bank, alice)
            .add(Fixture.transfer("alice", "bob", 30));
    Statement statement = pay.sign(id, List.of(signer("alice")));

    assertEquals("ok", submit(bank, statement));
    long size = consortium.member(bank).log().size();
    assertEquals("ok", submit(bank, statement), "the first outcome again");
    assertEquals(size, consortium.member(bank).log().size(), "and nothing is logged");
    pay.add(Fixture.transfer("alice", "bob", 30));
    assertEquals(
        "id_exists_with_different_content", submit(bank, pay.sign(id, List.of(signer("alice")))));
    assertEquals(
        Uint128.of(30),
        new LedgerReader(Machine.application(published(bank)))
            .account(Fixture.account("bob"))
            .orElseThrow()
            .creditsPosted());
  }

  @Test
  void aStrangerCannotUseUpAnAccountsIds() {
    String bank = BANKS.get(0);
    submitAll(bank, operator(bank), List.of(Fixture.open("alice"), Fixture.open("bob")));
    submitAll(bank, "issuer", List.of(Fixture.issue("alice", 100)));
    Bytes id = ids.next(deadlineMillis());
    TransactionDraft pay =
        new TransactionDraft(
                consortium.network().genesis().networkId(),
                bank,
                Submitter.account(Fixture.account("alice")))
            .add(Fixture.transfer("alice", "bob", 30));

    assertEquals("unauthorised", submit(bank, pay.sign(id, List.of(signer("stranger")))));
    assertEquals("ok", submit(bank, pay.sign(id, List.of(signer("alice")))));
  }

  @Test
  void deadlinesAreLedgerTime() {
    String bank = BANKS.get(0);
    TransactionDraft open = draft(bank, operator(bank)).add(Fixture.open("alice"));
    List<Signer> operator = List.of(signer(operator(bank)));
    Bytes past = Transaction.clientId(consortium.nowMillis() - 2_000, 1);
    assertEquals("expired", submit(bank, open.sign(past, operator)));
    Bytes far = Transaction.clientId(consortium.nowMillis() + 48L * 60 * 60 * 1000, 1);
    assertEquals("not_after_too_far", submit(bank, open.sign(far, operator)));
    assertEquals("ok", submit(bank, open.sign(ids.next(deadlineMillis()), operator)));
  }
}
