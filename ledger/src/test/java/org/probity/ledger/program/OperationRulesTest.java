package org.probity.ledger.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;
import static org.probity.ledger.Fixture.A;
import static org.probity.ledger.Fixture.B;
import static org.probity.ledger.Fixture.C;
import static org.probity.ledger.Fixture.CZK;
import static org.probity.ledger.Fixture.EUR;
import static org.probity.ledger.Fixture.NO_CREDIT;
import static org.probity.ledger.Fixture.NO_OVERDRAFT;
import static org.probity.ledger.Fixture.account;
import static org.probity.ledger.Fixture.amount;
import static org.probity.ledger.Fixture.by;
import static org.probity.ledger.Fixture.issue;
import static org.probity.ledger.Fixture.open;
import static org.probity.ledger.Fixture.operator;
import static org.probity.ledger.Fixture.policy;
import static org.probity.ledger.Fixture.redeem;
import static org.probity.ledger.Fixture.remit;
import static org.probity.ledger.Fixture.transfer;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.Uint128;
import org.probity.detector.state.StateTree;
import org.probity.detector.state.StateView;
import org.probity.ledger.Fixture;
import org.probity.ledger.transaction.Amount;
import org.probity.ledger.transaction.AssetDefinition;
import org.probity.ledger.transaction.Operation;
import org.probity.ledger.transaction.Outcome;
import org.probity.ledger.transaction.References;
import org.probity.ledger.transaction.ResultCode;
import org.probity.ledger.transaction.TransactionBody;

/** Each operation, each way it can end, and which reason wins when there are several. */
class OperationRulesTest {
  private static final Amount MAX = Amount.MAX;

  /**
   * The same little world for every row: at bank A accounts alice (1,000), bob (0), nostro (may
   * owe), lender (must not be owed), euro (in EUR), frozen (100), closed, pending (100, of which 40
   * are on their way to bank B), joint (500, 2 of 3 keys), rich (2^128 - 1 EUR) and full (may owe,
   * and has paid and received 2^128 - 1). The channel to bank C is as full.
   */
  private static Fixture world() {
    Fixture world = new Fixture();
    world.opened(A, "alice", "bob", "frozen", "closed", "pending").opened(B, "bea");
    List<String> operator = by(operator(A));
    world.accepted(A, operator, open("nostro", CZK.id(), 0), open("nostro-2", CZK.id(), 0));
    world.accepted(A, operator, open("lender", CZK.id(), NO_CREDIT));
    world.accepted(A, operator, open("euro", EUR.id(), NO_OVERDRAFT));
    world.accepted(A, operator, open("rich", EUR.id(), NO_OVERDRAFT));
    world.accepted(
        A,
        operator,
        new Operation.OpenAccount(
            account("joint"), CZK.id(), policy(2, "joint-1", "joint-2", "joint-3"), NO_OVERDRAFT));
    world.funded(A, "alice", 1_000).funded(A, "frozen", 100).funded(A, "pending", 100);
    world.funded(A, "joint", 500);
    world.accepted(A, operator, open("full", CZK.id(), 0));
    fill(world);
    world.accepted(A, operator, new Operation.FreezeAccount(account("frozen")));
    world.accepted(A, operator, new Operation.CloseAccount(account("closed")));
    world.accepted(A, by("pending"), remit("pending", B, "bea", 40));
    return world;
  }

  /** What no operations lead to in any log's life: sums that take no more. */
  private static void fill(Fixture world) {
    StateView state = world.network.state(A);
    Account rich = world.at(A, "rich");
    state.put(StateKeys.account(account("rich")), rich.credit(Uint128.MAX).encode());
    state.put(StateKeys.issuance(EUR.id()), new Issuance(Uint128.MAX, Uint128.ZERO).encode());
    world.filled(A, "full");
    world.filledChannel(A, C);
  }

  private record Row(ResultCode expected, List<String> signers, Operation operation) {}

  private static Row row(ResultCode expected, List<String> signers, Operation operation) {
    return new Row(expected, signers, operation);
  }

  private static List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    rows.addAll(assetRows());
    rows.addAll(openRows());
    rows.addAll(statusRows());
    rows.addAll(issueAndRedeemRows());
    rows.addAll(transferRows());
    rows.addAll(remitRows());
    return rows;
  }

  private static List<Row> assetRows() {
    AssetDefinition gold = new AssetDefinition("GOLD", 3, policy(1, "mint"), 0);
    return List.of(
        row(ResultCode.OK, by("mint", operator(A)), new Operation.DefineAsset(gold)),
        row(ResultCode.OK, by("mint", operator(A), "stranger"), new Operation.DefineAsset(gold)),
        row(ResultCode.UNAUTHORISED, by("mint"), new Operation.DefineAsset(gold)),
        row(ResultCode.UNAUTHORISED, by("mint", operator(B)), new Operation.DefineAsset(gold)),
        row(ResultCode.UNAUTHORISED, by(operator(A)), new Operation.DefineAsset(gold)),
        row(ResultCode.UNAUTHORISED, by("stranger"), new Operation.DefineAsset(gold)),
        row(ResultCode.ASSET_EXISTS, by("issuer"), new Operation.DefineAsset(CZK)),
        row(ResultCode.ASSET_EXISTS, by("stranger"), new Operation.DefineAsset(CZK)));
  }

  private static List<Row> openRows() {
    List<String> operator = by(operator(A));
    AssetDefinition unknown = new AssetDefinition("XXX", 0, policy(1, "mint"), 0);
    return List.of(
        row(ResultCode.OK, operator, open("new")),
        row(ResultCode.OK, operator, open("new", EUR.id(), NO_CREDIT)),
        row(ResultCode.INVALID_FLAGS, operator, open("new", CZK.id(), 4)),
        row(ResultCode.INVALID_FLAGS, operator, open("new", CZK.id(), NO_CREDIT | NO_OVERDRAFT)),
        row(ResultCode.INVALID_FLAGS, by("stranger"), open("alice", unknown.id(), 4)),
        row(ResultCode.ASSET_NOT_FOUND, operator, open("new", unknown.id(), 0)),
        row(ResultCode.ASSET_NOT_FOUND, by("stranger"), open("alice", unknown.id(), 0)),
        row(ResultCode.ACCOUNT_EXISTS, operator, open("alice")),
        row(ResultCode.ACCOUNT_EXISTS, by("stranger"), open("closed")),
        row(ResultCode.UNAUTHORISED, by("new"), open("new")),
        row(ResultCode.UNAUTHORISED, by(operator(B)), open("new")));
  }

  private static List<Row> statusRows() {
    List<String> operator = by(operator(A));
    List<String> issuers = by("issuer", "issuer-2");
    return List.of(
        row(ResultCode.OK, by("bob"), new Operation.CloseAccount(account("bob"))),
        row(ResultCode.OK, operator, new Operation.CloseAccount(account("bob"))),
        row(ResultCode.ACCOUNT_NOT_FOUND, operator, new Operation.CloseAccount(account("nobody"))),
        row(ResultCode.UNAUTHORISED, by("alice"), new Operation.CloseAccount(account("closed"))),
        row(ResultCode.ACCOUNT_CLOSED, operator, new Operation.CloseAccount(account("closed"))),
        row(ResultCode.ACCOUNT_FROZEN, operator, new Operation.CloseAccount(account("frozen"))),
        row(ResultCode.TRANSFERS_PENDING, operator, new Operation.CloseAccount(account("pending"))),
        row(ResultCode.BALANCE_NOT_ZERO, by("alice"), new Operation.CloseAccount(account("alice"))),
        row(ResultCode.OK, operator, new Operation.FreezeAccount(account("alice"))),
        row(ResultCode.OK, issuers, new Operation.FreezeAccount(account("euro"))),
        row(ResultCode.ACCOUNT_NOT_FOUND, operator, new Operation.FreezeAccount(account("no"))),
        row(ResultCode.UNAUTHORISED, by("alice"), new Operation.FreezeAccount(account("alice"))),
        row(ResultCode.UNAUTHORISED, by("issuer"), new Operation.FreezeAccount(account("euro"))),
        row(ResultCode.UNAUTHORISED, issuers, new Operation.FreezeAccount(account("alice"))),
        row(ResultCode.ACCOUNT_CLOSED, operator, new Operation.FreezeAccount(account("closed"))),
        row(ResultCode.ACCOUNT_FROZEN, operator, new Operation.FreezeAccount(account("frozen"))),
        row(ResultCode.OK, operator, new Operation.UnfreezeAccount(account("frozen"))),
        row(ResultCode.ACCOUNT_NOT_FOUND, operator, new Operation.UnfreezeAccount(account("no"))),
        row(
            ResultCode.UNAUTHORISED,
            by("frozen"),
            new Operation.UnfreezeAccount(account("frozen"))),
        row(ResultCode.ACCOUNT_CLOSED, operator, new Operation.UnfreezeAccount(account("closed"))),
        row(
            ResultCode.ACCOUNT_NOT_FROZEN,
            operator,
            new Operation.UnfreezeAccount(account("alice"))));
  }

  private static List<Row> issueAndRedeemRows() {
    List<String> issuers = by("issuer", "issuer-2");
    List<String> issuer = by("issuer");
    AssetDefinition unknown = new AssetDefinition("XXX", 0, policy(1, "mint"), 0);
    return List.of(
        row(ResultCode.OK, issuer, issue("alice", 1)),
        row(ResultCode.AMOUNT_ZERO, by("stranger"), issue("nobody", 0)),
        row(
            ResultCode.ASSET_NOT_FOUND,
            by("mint"),
            new Operation.Issue(unknown.id(), account("alice"), amount(1), References.NONE)),
        row(ResultCode.UNAUTHORISED, by(operator(A)), issue("alice", 1)),
        row(ResultCode.UNAUTHORISED, by("stranger"), issue("nobody", 1)),
        row(
            ResultCode.UNAUTHORISED,
            issuer,
            new Operation.Issue(EUR.id(), account("euro"), amount(1), References.NONE)),
        row(ResultCode.PAYEE_NOT_FOUND, issuer, issue("nobody", 1)),
        row(ResultCode.PAYEE_CLOSED, issuer, issue("closed", 1)),
        row(ResultCode.PAYEE_FROZEN, issuer, issue("frozen", 1)),
        row(ResultCode.ASSET_MISMATCH, issuer, issue("euro", 1)),
        row(ResultCode.CREDITS_EXCEED_DEBITS, issuer, issue("lender", 1)),
        row(
            ResultCode.OVERFLOW, // the payee's balance
            issuers,
            new Operation.Issue(EUR.id(), account("rich"), amount(1), References.NONE)),
        row(
            ResultCode.OVERFLOW, // all that was ever issued
            issuers,
            new Operation.Issue(EUR.id(), account("euro"), amount(1), References.NONE)),
        row(ResultCode.OK, by("alice"), redeem("alice", 1_000)),
        row(ResultCode.OK, by("rich"), new Operation.Redeem(account("rich"), MAX, References.NONE)),
        row(ResultCode.OVERFLOW, by("full"), redeem("full", 1)),
        row(ResultCode.AMOUNT_ZERO, by("stranger"), redeem("nobody", 0)),
        row(ResultCode.ACCOUNT_NOT_FOUND, by("stranger"), redeem("nobody", 1)),
        row(ResultCode.UNAUTHORISED, issuer, redeem("alice", 1)),
        row(ResultCode.UNAUTHORISED, by("stranger"), redeem("frozen", 5_000)),
        row(ResultCode.ACCOUNT_CLOSED, by("closed"), redeem("closed", 1)),
        row(ResultCode.ACCOUNT_FROZEN, by("frozen"), redeem("frozen", 5_000)),
        row(ResultCode.INSUFFICIENT_FUNDS, by("alice"), redeem("alice", 1_001)),
        row(ResultCode.INSUFFICIENT_FUNDS, by("pending"), redeem("pending", 61)));
  }

  private static List<Row> transferRows() {
    List<String> alice = by("alice");
    return List.of(
        row(ResultCode.OK, alice, transfer("alice", "bob", 1_000)),
        row(ResultCode.OK, by("nostro"), transfer("nostro", "bob", MAX)),
        row(ResultCode.OK, by("lender"), transfer("lender", "bob", 1)),
        row(ResultCode.OK, by("joint-1", "joint-3"), transfer("joint", "bob", 500)),
        row(ResultCode.AMOUNT_ZERO, by("stranger"), transfer("nobody", "nobody", 0)),
        row(ResultCode.SAME_ACCOUNT, by("stranger"), transfer("nobody", "nobody", 1)),
        row(ResultCode.ACCOUNT_NOT_FOUND, by("stranger"), transfer("nobody", "nobody-2", 1)),
        row(ResultCode.UNAUTHORISED, by("bob"), transfer("alice", "bob", 1)),
        row(ResultCode.UNAUTHORISED, by(), transfer("alice", "nobody", 5_000)),
        row(ResultCode.UNAUTHORISED, by(operator(A)), transfer("frozen", "closed", 5_000)),
        row(ResultCode.UNAUTHORISED, by("joint-2"), transfer("joint", "bob", 1)),
        row(ResultCode.UNAUTHORISED, by("joint-2", "bob"), transfer("joint", "bob", 1)),
        row(ResultCode.ACCOUNT_CLOSED, by("closed"), transfer("closed", "nobody", 1)),
        row(ResultCode.ACCOUNT_FROZEN, by("frozen"), transfer("frozen", "closed", 5_000)),
        row(ResultCode.PAYEE_NOT_FOUND, alice, transfer("alice", "nobody", 5_000)),
        row(ResultCode.PAYEE_CLOSED, alice, transfer("alice", "closed", 5_000)),
        row(ResultCode.PAYEE_FROZEN, alice, transfer("alice", "frozen", 5_000)),
        row(ResultCode.ASSET_MISMATCH, alice, transfer("alice", "euro", 5_000)),
        row(ResultCode.INSUFFICIENT_FUNDS, alice, transfer("alice", "bob", 1_001)),
        row(ResultCode.INSUFFICIENT_FUNDS, alice, transfer("alice", "bob", MAX)),
        row(ResultCode.INSUFFICIENT_FUNDS, alice, transfer("alice", "lender", 1_001)),
        row(ResultCode.INSUFFICIENT_FUNDS, by("pending"), transfer("pending", "bob", 61)),
        row(ResultCode.CREDITS_EXCEED_DEBITS, alice, transfer("alice", "lender", 1)),
        row(ResultCode.CREDITS_EXCEED_DEBITS, by("nostro"), transfer("nostro", "lender", MAX)),
        row(ResultCode.OVERFLOW, alice, transfer("alice", "full", 1)),
        row(ResultCode.OVERFLOW, by("full"), transfer("full", "bob", 1)));
  }

  private static List<Row> remitRows() {
    List<String> alice = by("alice");
    return List.of(
        row(ResultCode.OK, alice, remit("alice", B, "bea", 1_000)),
        row(ResultCode.OK, alice, remit("alice", B, "alice", 1)),
        row(ResultCode.OK, by("rich"), remit("rich", B, "bea", MAX)),
        row(ResultCode.AMOUNT_ZERO, by("stranger"), remit("nobody", "nowhere", "bea", 0)),
        row(ResultCode.UNKNOWN_PEER, by("stranger"), remit("nobody", "nowhere", "bea", 1)),
        row(ResultCode.UNKNOWN_PEER, alice, remit("alice", A, "bob", 1)),
        row(ResultCode.UNKNOWN_PEER, alice, remit("alice", "", "bob", 1)),
        row(ResultCode.ACCOUNT_NOT_FOUND, by("stranger"), remit("nobody", B, "bea", 1)),
        row(ResultCode.UNAUTHORISED, by("bea"), remit("alice", B, "bea", 1)),
        row(ResultCode.ACCOUNT_CLOSED, by("closed"), remit("closed", B, "bea", 1)),
        row(ResultCode.ACCOUNT_FROZEN, by("frozen"), remit("frozen", B, "bea", 5_000)),
        row(ResultCode.INSUFFICIENT_FUNDS, alice, remit("alice", B, "bea", 1_001)),
        row(ResultCode.INSUFFICIENT_FUNDS, by("pending"), remit("pending", B, "bea", 61)),
        row(ResultCode.OVERFLOW, by("full"), remit("full", B, "bea", 1)),
        row(ResultCode.OVERFLOW, alice, remit("alice", C, "bea", 1)));
  }

  @TestFactory
  Collection<DynamicTest> everyOperationAndCode() {
    return rows().stream()
        .map(
            row ->
                dynamicTest(
                    row.expected.label() + " " + row.signers + " " + row.operation, () -> run(row)))
        .toList();
  }

  private static void run(Row row) {
    Fixture world = world();
    StateTree before = world.network.tree(A);
    Outcome outcome = world.network.submit(A, row.signers, row.operation);
    assertEquals(row.expected, outcome.code());
    if (row.expected != ResultCode.OK) {
      assertEquals(new Outcome.Failed(0, row.expected), outcome);
      assertEquals(before.root(), world.network.tree(A).root(), "a failure leaves no trace");
    }
    assertTrue(world.network.books().sums(CZK.id()).clean());
    assertTrue(world.network.books().sums(EUR.id()).clean());
  }

  @Test
  void everyCodeOfAnOperationHasARow() {
    Set<ResultCode> tested = EnumSet.noneOf(ResultCode.class);
    rows().forEach(row -> tested.add(row.expected));
    assertEquals(
        EnumSet.of(ResultCode.MALFORMED, ResultCode.TOO_MANY_OPERATIONS, ResultCode.STATE_CORRUPT),
        EnumSet.complementOf(EnumSet.copyOf(tested)));
  }

  @Test
  void anAccountThatMayOweCannotUseUpWhatOthersNeed() {
    Fixture world = world();
    for (int i = 0; i < 5; i++) {
      world.accepted(
          A,
          by("nostro"),
          transfer("nostro", "bob", MAX),
          transfer("nostro", "nostro-2", MAX),
          new Operation.Redeem(account("nostro"), MAX, References.NONE),
          remit("nostro", B, "bea", MAX));
    }
    world.accepted(
        A,
        by("alice", "issuer"),
        issue("alice", 1),
        redeem("alice", 1),
        transfer("alice", "bob", 1),
        remit("alice", B, "bea", 1));
    world.network.deliverAll();
    BigInteger five = MAX.toUint128().toBigInteger().multiply(BigInteger.valueOf(5));
    assertEquals(five.add(BigInteger.ONE), world.at(A, "bob").availableMinor());
    assertEquals(five.multiply(BigInteger.valueOf(-4)), world.at(A, "nostro").availableMinor());
    assertTrue(world.network.books().sums(CZK.id()).clean());
  }

  @Test
  void redeemedTotalStopsAt128Bits() {
    Fixture world = world();
    Issuance full = new Issuance(Uint128.MAX, Uint128.MAX);
    world.network.state(A).put(StateKeys.issuance(CZK.id()), full.encode());
    assertEquals(
        new Outcome.Failed(0, ResultCode.OVERFLOW),
        world.network.submit(A, by("alice"), redeem("alice", 1)));
  }

  @Test
  void moreThanAnAmountCannotBeSaid() {
    Fixture world = world();
    String whole = TransactionBody.of(transfer("alice", "bob", 1)).encode().toHex();
    assertTrue(whole.endsWith("0180"));
    String head = whole.substring(0, whole.length() - 4);
    // 1 and 2^64 as integers of 128 bits, 2^64 as a bignum of CBOR, minus one.
    for (String amount :
        List.of("50" + "00".repeat(15) + "01", "c249010000000000000000", "20", "4101")) {
      assertEquals(
          new Outcome.Refused(ResultCode.MALFORMED),
          world.network.submit(A, by("alice"), Bytes.fromHex(head + amount + "80")),
          amount);
    }
    assertEquals(
        new Outcome.Failed(0, ResultCode.INSUFFICIENT_FUNDS),
        world.network.submit(A, by("alice"), Bytes.fromHex(head + "1b" + "ff".repeat(8) + "80")));
  }

  @Test
  void laterOperationsSeeEarlierOnes() {
    Fixture world = world();
    Outcome outcome =
        world.network.submit(
            A,
            by(operator(A), "issuer", "new"),
            open("new"),
            issue("new", 10),
            transfer("new", "bob", 10),
            new Operation.CloseAccount(account("new")));
    assertEquals(new Outcome.Accepted(List.of()), outcome);
    world.assertBalance(A, "bob", 10, 0);
    assertEquals(Account.Status.CLOSED, world.at(A, "new").status());
  }

  @Test
  void nothingStandsIfALaterOperationFails() {
    Fixture world = world();
    StateTree before = world.network.tree(A);
    int inTransit = world.network.inTransit().size();
    Outcome outcome =
        world.network.submit(
            A,
            by("alice", "issuer"),
            issue("alice", 10),
            remit("alice", B, "bea", 5),
            transfer("alice", "bob", 1_006));
    assertEquals(new Outcome.Failed(2, ResultCode.INSUFFICIENT_FUNDS), outcome);
    assertEquals(before.root(), world.network.tree(A).root());
    assertEquals(inTransit, world.network.inTransit().size());
  }

  @Test
  void severalSignersPayFromSeveralAccountsInOneTransaction() {
    Fixture world = world();
    Operation[] legs = {transfer("alice", "bob", 7), transfer("joint", "alice", 3)};
    assertEquals(
        new Outcome.Failed(1, ResultCode.UNAUTHORISED), world.network.submit(A, by("alice"), legs));
    world.accepted(A, by("alice", "joint-1", "joint-2"), legs);
    world.assertBalance(A, "alice", 996, 0);
  }

  @Test
  void refusesBytesThatAreNoTransaction() {
    Fixture world = world();
    for (String hex : List.of("", "80", "8201", "820180", "82028182", "8201818103", "f6")) {
      assertEquals(
          new Outcome.Refused(ResultCode.MALFORMED),
          world.network.submit(A, by("alice"), Bytes.fromHex(hex)),
          hex);
    }
  }

  @Test
  void refusesMoreOperationsThanTheMaximum() {
    Fixture world = world();
    world.accepted(A, by("alice"), many(512));
    assertEquals(
        new Outcome.Refused(ResultCode.TOO_MANY_OPERATIONS),
        world.network.submit(A, by("alice"), many(513)));
  }

  private static Operation[] many(int count) {
    Operation[] operations = new Operation[count];
    for (int i = 0; i < count; i++) {
      operations[i] = transfer("alice", "bob", 1);
    }
    return operations;
  }
}
