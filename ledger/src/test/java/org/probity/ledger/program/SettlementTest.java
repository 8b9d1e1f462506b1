package org.probity.ledger.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
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
import static org.probity.ledger.Fixture.minor;
import static org.probity.ledger.Fixture.open;
import static org.probity.ledger.Fixture.operator;
import static org.probity.ledger.Fixture.remit;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.codec.Uint128;
import org.probity.detector.crypto.Hash;
import org.probity.detector.program.Context;
import org.probity.detector.program.SystemRules;
import org.probity.detector.state.PrefixedView;
import org.probity.detector.state.StateTree;
import org.probity.detector.state.StateWitness;
import org.probity.ledger.Fixture;
import org.probity.ledger.MemoryNetwork.Message;
import org.probity.ledger.transaction.Amount;
import org.probity.ledger.transaction.AssetDefinition;
import org.probity.ledger.transaction.AssetId;
import org.probity.ledger.transaction.Operation;
import org.probity.ledger.transaction.Outcome;
import org.probity.ledger.transaction.References;
import org.probity.ledger.transaction.ResultCode;
import org.probity.ledger.transaction.SettlementMessage;
import org.probity.ledger.transaction.SettlementMessage.Credit;
import org.probity.ledger.transaction.SettlementMessage.CreditGroup;
import org.probity.ledger.transaction.SettlementMessage.Credits;
import org.probity.ledger.transaction.SettlementMessage.ResultGroup;
import org.probity.ledger.transaction.SettlementMessage.Results;

/** Payments between nodes: the way there, the way back, and peers that lie. */
class SettlementTest {
  private static final AssetId CROWNS = CZK.id();

  private static Fixture world() {
    return new Fixture().opened(A, "alice").opened(B, "bea", "ben").funded(A, "alice", 1_000);
  }

  private static Credit credit(String payee, long amount) {
    return new Credit(account("alice"), account(payee), amount(amount), References.NONE);
  }

  private static Credits credits(long first, Credit... credits) {
    return new Credits(List.of(new CreditGroup(CROWNS, first, List.of(credits))));
  }

  private static Results results(long first, ResultCode... codes) {
    return new Results(List.of(new ResultGroup(CROWNS, first, List.of(codes))));
  }

  @Test
  void settlesAPayment() {
    Fixture world = world();
    Outcome.Accepted outcome = world.accepted(A, by("alice"), remit("alice", B, "bea", 30));
    assertEquals(List.of(new Outcome.Remitted(B, CROWNS, 0, List.of(0))), outcome.remitted());
    world.assertBalance(A, "alice", 970, 30);
    assertEquals(30, world.network.books().sums(CROWNS).inFlightMinor().longValueExact());

    world.network.deliverAll();

    world.assertBalance(A, "alice", 970, 0);
    world.assertBalance(B, "bea", 30, 0);
    assertTrue(world.network.reader(A).pending(CROWNS, B, 0).isEmpty());
    Settlement there = world.network.reader(A).settlement(CROWNS, B);
    assertEquals(
        new Settlement(Uint128.ZERO, minor(30), Uint128.ZERO, 1, 1, Uint128.ZERO, Uint128.ZERO, 0),
        there);
    Settlement here = world.network.reader(B).settlement(CROWNS, A);
    assertEquals(
        new Settlement(Uint128.ZERO, Uint128.ZERO, Uint128.ZERO, 0, 0, minor(30), Uint128.ZERO, 1),
        here);
    assertEquals(0, world.network.books().sums(CROWNS).inFlightMinor().signum());
    assertTrue(world.network.books().sums(CROWNS).clean());
  }

  @Test
  void bringsMoneyHomeThatThePayeesNodeRefuses() {
    Fixture world = world().opened(B, "frozen", "closed");
    world.accepted(B, by(operator(B)), open("euro", EUR.id(), NO_OVERDRAFT));
    world.accepted(B, by(operator(B)), open("lender", CROWNS, NO_CREDIT));
    world.accepted(B, by(operator(B)), new Operation.FreezeAccount(account("frozen")));
    world.accepted(B, by(operator(B)), new Operation.CloseAccount(account("closed")));
    world.accepted(
        A,
        by("alice"),
        remit("alice", B, "nobody", 1),
        remit("alice", B, "closed", 2),
        remit("alice", B, "frozen", 4),
        remit("alice", B, "euro", 8),
        remit("alice", B, "lender", 16),
        remit("alice", B, "bea", 32));
    world.assertBalance(A, "alice", 937, 63);
    world.network.inject(A, B, world.network.intercept().payload());
    Message answer = world.network.intercept();
    assertEquals(
        results(
                0,
                ResultCode.PAYEE_NOT_FOUND,
                ResultCode.PAYEE_CLOSED,
                ResultCode.PAYEE_FROZEN,
                ResultCode.ASSET_MISMATCH,
                ResultCode.CREDITS_EXCEED_DEBITS,
                ResultCode.OK)
            .encode(),
        answer.payload());
    assertTrue(world.network.books().sums(CROWNS).clean());
    world.network.inject(B, A, answer.payload());
    world.assertBalance(A, "alice", 968, 0);
    world.assertBalance(B, "bea", 32, 0);
    assertEquals(minor(31), world.network.reader(A).settlement(CROWNS, B).returned());
    assertEquals(minor(31), world.network.reader(B).settlement(CROWNS, A).refused());
    assertTrue(world.network.books().sums(CROWNS).clean());
  }

  @Test
  void givesBackWhatARevokedNodeDidNotTakeIn() {
    Fixture world = world();
    world.network.proveEveryStep();
    world.accepted(A, by("alice"), remit("alice", B, "bea", 30), remit("alice", B, "nobody", 12));
    world.accepted(A, by("alice"), remit("alice", B, "ben", 5));
    Message first = world.network.intercept();
    Message second = world.network.intercept();
    world.assertBalance(A, "alice", 953, 47);

    world.network.bringBack(first, false);
    world.assertBalance(A, "alice", 995, 5);
    world.network.bringBack(second, false);
    world.assertBalance(A, "alice", 1_000, 0);
    assertTrue(world.network.books().sums(CROWNS).clean());
    assertEquals(0, world.network.books().sums(CROWNS).inFlightMinor().signum());

    StateTree before = world.network.tree(A);
    world.network.bringBack(first, false);
    assertEquals(before.root(), world.network.tree(A).root(), "never returned again");
  }

  @Test
  void leavesPendingWhatARevokedNodeTookIn() {
    Fixture world = world();
    world.accepted(A, by("alice"), remit("alice", B, "bea", 30));
    Message message = world.network.intercept();
    world.network.inject(A, B, message.payload());
    StateTree before = world.network.tree(A);
    world.network.bringBack(message, true);
    assertEquals(before.root(), world.network.tree(A).root());
    world.assertBalance(A, "alice", 970, 30);
    assertTrue(world.network.books().sums(CROWNS).clean());
  }

  @Test
  void anAnswerThatComesBackHasDoneItsWork() {
    Fixture world = world();
    world.accepted(A, by("alice"), remit("alice", B, "bea", 30));
    world.network.inject(A, B, world.network.intercept().payload());
    StateTree before = world.network.tree(B);
    world.network.bringBack(world.network.intercept(), false);
    assertEquals(before.root(), world.network.tree(B).root());
    world.assertBalance(B, "bea", 30, 0);
  }

  @Test
  void returnsACreditThatWouldOverflowThePayee() {
    Fixture world = world();
    world.accepted(B, by(operator(B)), open("whale", CROWNS, 0));
    world.filled(B, "whale");
    world.accepted(A, by("alice"), remit("alice", B, "whale", 1));
    world.network.deliverAll();
    world.assertBalance(A, "alice", 1_000, 0);
    assertTrue(world.network.books().sums(CROWNS).clean());
  }

  private static final AssetDefinition GOLD =
      new AssetDefinition("GOLD", 0, Fixture.policy(1, "mint"), 0);

  /** As {@link #world}; gold is known at A, where "digger" has 100 of it, and nowhere else. */
  private static Fixture goldRush() {
    Fixture world = world();
    world.accepted(A, by("mint", operator(A)), new Operation.DefineAsset(GOLD));
    world.accepted(A, by(operator(A)), open("digger", GOLD.id(), NO_OVERDRAFT));
    Operation.Issue issue =
        new Operation.Issue(GOLD.id(), account("digger"), amount(100), References.NONE);
    world.accepted(A, by("mint"), issue);
    return world;
  }

  /** The state has no word about gold and A has not been counted as a liar. */
  private static void assertNoTraceOfGold(Fixture world) {
    assertEquals(Settlement.NONE, world.network.reader(B).settlement(GOLD.id(), A));
    assertEquals(0, world.network.reader(B).nonsense(A));
    assertTrue(world.network.books().sums(GOLD.id()).clean());
  }

  @Test
  void returnsAnAssetThePayeesNodeDoesNotKnowAndKeepsNothingOfIt() {
    Fixture world = goldRush();
    Hash before = world.network.tree(B).root();
    world.accepted(A, by("digger"), remit("digger", B, "bea", 2), remit("digger", B, "nobody", 3));
    world.network.inject(A, B, world.network.intercept().payload());
    assertEquals(before, world.network.tree(B).root());
    assertTrue(world.network.books().sums(GOLD.id()).clean());
    Message answer = world.network.intercept();
    List<ResultCode> codes = List.of(ResultCode.ASSET_NOT_FOUND, ResultCode.ASSET_NOT_FOUND);
    assertEquals(
        new Results(List.of(new ResultGroup(GOLD.id(), 0, codes))).encode(), answer.payload());
    world.network.inject(B, A, answer.payload());
    world.assertBalance(A, "digger", 100, 0);
    Settlement settlement = world.network.reader(A).settlement(GOLD.id(), B);
    assertEquals(
        new Settlement(
            Uint128.ZERO, Uint128.ZERO, Uint128.ZERO, 2, 0, Uint128.ZERO, Uint128.ZERO, 0),
        settlement);
    assertNoTraceOfGold(world);
  }

  @Test
  void creditsAnAssetOnceItIsKnownWhateverWasReturnedBefore() {
    Fixture world = goldRush();
    world.accepted(A, by("digger"), remit("digger", B, "goldie", 5));
    world.accepted(A, by("digger"), remit("digger", B, "goldie", 7));
    world.network.inject(A, B, world.network.intercept().payload());
    // Two more are on their way when B learns what gold is, and B pays first.
    world.accepted(A, by("digger"), remit("digger", B, "goldie", 11));
    world.accepted(B, by("mint", operator(B)), new Operation.DefineAsset(GOLD));
    world.accepted(B, by(operator(B)), open("goldie", GOLD.id(), 0));
    world.accepted(B, by("goldie"), remit("goldie", A, "digger", 1));
    world.network.deliverAll();
    world.assertBalance(A, "digger", 100 + 1 - 7 - 11, 0);
    assertEquals(17, world.at(B, "goldie").availableMinor().intValueExact());
    assertEquals(0, world.network.reader(B).nonsense(A));
    assertEquals(3, world.network.reader(B).settlement(GOLD.id(), A).nextIncoming());
    assertEquals(3, world.network.reader(A).settlement(GOLD.id(), B).nextTaken());
    assertTrue(world.network.books().sums(GOLD.id()).clean());

    // From now on the numbers have no gaps.
    Credit again = new Credit(account("digger"), account("goldie"), amount(1), References.NONE);
    for (long first : new long[] {0, 2, 4}) {
      world.network.inject(
          A, B, new Credits(List.of(new CreditGroup(GOLD.id(), first, List.of(again)))).encode());
    }
    assertEquals(3, world.network.reader(B).nonsense(A));
    assertEquals(17, world.at(B, "goldie").availableMinor().intValueExact());
  }

  @Test
  void assetsThatAFaultyNodeMakesUpLeaveNothingInTheState() {
    Fixture world = world();
    Hash before = world.network.tree(B).root();
    for (int i = 0; i < 20; i++) {
      List<CreditGroup> groups = new ArrayList<>();
      for (int j = 0; j < 5; j++) {
        AssetId invented = new AssetDefinition("A" + i + "X" + j, 0, CZK.issuer(), 0).id();
        groups.add(new CreditGroup(invented, i, List.of(credit("bea", 1))));
      }
      world.network.inject(A, B, new Credits(groups).encode());
    }
    assertEquals(before, world.network.tree(B).root());
    assertEquals(20, world.network.inTransit().size());
  }

  @Test
  void anAssetIsKnownForAllOfAGroupOrForNone() {
    Fixture world = world();
    world.accepted(A, by("alice"), remit("alice", B, "bea", 10), remit("alice", B, "bea", 20));
    world.network.intercept();
    world.network.inject(B, A, results(0, ResultCode.OK, ResultCode.ASSET_NOT_FOUND).encode());
    assertEquals(1, world.network.reader(A).nonsense(B));
    world.assertBalance(A, "alice", 970, 30);
    world.network.inject(
        B, A, results(0, ResultCode.ASSET_NOT_FOUND, ResultCode.ASSET_NOT_FOUND).encode());
    world.assertBalance(A, "alice", 1_000, 0);
    assertTrue(world.network.books().sums(CROWNS).clean());
  }

  @Test
  void aReturnReachesAnAccountThatWasFrozenMeanwhile() {
    Fixture world = world();
    world.accepted(A, by("alice"), remit("alice", B, "nobody", 10));
    world.accepted(A, by(operator(A)), new Operation.FreezeAccount(account("alice")));
    world.network.deliverAll();
    world.assertBalance(A, "alice", 1_000, 0);
  }

  @Test
  void coalescesTheCreditsOfATransactionPerNode() throws DecodeException {
    Fixture world = world();
    List<Operation> operations = new ArrayList<>();
    for (int i = 0; i < 120; i++) {
      operations.add(remit("alice", i % 3 == 0 ? C : B, i % 2 == 0 ? "bea" : "nobody", 1));
    }
    Outcome outcome = world.network.submit(A, by("alice"), operations);
    assertEquals(ResultCode.OK, outcome.code());
    List<Message> sent = world.network.inTransit();
    // As many as a proof about receiving them has room for, and the rest.
    assertEquals(List.of(B, B, C), sent.stream().map(Message::to).toList());
    Credits toB = (Credits) SettlementMessage.decode(sent.get(0).payload());
    assertEquals(List.of(58), toB.groups().stream().map(group -> group.credits().size()).toList());
    Outcome.Remitted remitted = ((Outcome.Accepted) outcome).remitted().get(2);
    assertEquals(C, remitted.node());
    assertEquals(List.of(0, 3, 6), remitted.operations().subList(0, 3));
    PendingGroup pending = world.network.reader(A).pending(CROWNS, C, 0).orElseThrow();
    assertEquals(7, pending.index());
    assertEquals(
        new PendingGroup.Remittance(3, account("alice"), amount(1)), pending.remittances().get(1));
    world.network.deliverAll();
    world.assertBalance(B, "bea", 40, 0);
    world.assertBalance(A, "alice", 960, 0);
  }

  @Test
  void packsPayloadsFullAndNeverBeyondTheLimit() throws DecodeException {
    Fixture world = world();
    References longest =
        References.endToEnd("abcdefghijklmnopqrstuvwxyz012345678")
            .withUetr(Bytes.fromHex("00000000000040008000000000000000"))
            .withPurpose("SALA")
            .withCreditorReference("RF18539007547034")
            .withLei("529900T8BM49AURSDO55");
    List<Operation> operations = new ArrayList<>();
    for (int i = 0; i < 512; i++) {
      References references = i % 5 == 0 ? References.NONE : longest;
      operations.add(
          new Operation.Remit(account("alice"), B, account("bea"), amount(1), references));
    }
    assertEquals(ResultCode.OK, world.network.submit(A, by("alice"), operations).code());
    List<Message> sent = world.network.inTransit();
    long next = 0;
    for (Message message : sent) {
      for (CreditGroup group : ((Credits) SettlementMessage.decode(message.payload())).groups()) {
        assertEquals(next, group.first());
        next += group.credits().size();
        assertTrue(
            world.network.state(A).get(StateKeys.pending(CROWNS, B, group.first())).size()
                <= StateTree.MAX_VALUE_BYTES);
      }
    }
    assertEquals(512, next);
    LedgerProgram program = new LedgerProgram();
    for (Message message : sent.subList(0, sent.size() - 1)) {
      int bytes = message.payload().size();
      int room =
          Math.min(
              Context.MAX_PAYLOAD_BYTES - bytes,
              SystemRules.MAX_MESSAGE_FOOTPRINT_BYTES
                  - bytes
                  - program.messageFootprint(message.payload()));
      assertTrue(room >= 0 && room < 1_100, "room left: " + room);
    }
    world.network.deliverAll();
    world.assertBalance(B, "bea", 512, 0);
  }

  @Test
  void aPendingGroupOfTheMostAndLongestCreditsFitsAStateValue() {
    List<PendingGroup.Remittance> remittances = new ArrayList<>();
    for (int i = 0; i < SettlementMessage.MAX_GROUP_CREDITS; i++) {
      remittances.add(new PendingGroup.Remittance(511, account("alice"), Amount.MAX));
    }
    int bytes = new PendingGroup(Long.MAX_VALUE, remittances).encode().size();
    assertTrue(bytes <= StateTree.MAX_VALUE_BYTES, "bytes: " + bytes);
  }

  @Test
  void takesACreditOnlyOnceHoweverOftenAFaultyNodeSendsIt() {
    Fixture world = world();
    Bytes payload = credits(0, credit("bea", 5)).encode();
    world.network.inject(A, B, payload);
    world.network.inject(A, B, payload);
    world.network.inject(A, B, credits(2, credit("bea", 5)).encode());
    world.assertBalance(B, "bea", 5, 0);
    assertEquals(2, world.network.reader(B).nonsense(A));
  }

  @Test
  void ignoresAMessageAsAWholeIfAnyPartMakesNoSense() {
    Fixture world = world();
    Bytes good = credits(0, credit("bea", 5)).encode();
    StateTree before = world.network.tree(B);
    List<Bytes> hostile =
        List.of(
            Bytes.EMPTY,
            Bytes.fromHex("80"),
            Bytes.fromHex("820180"),
            Bytes.fromHex("820380"),
            good.slice(0, good.size() - 1),
            credits(0, credit("bea", 5), credit("bea", 0)).encode(),
            ofSixteenBytes(credits(0, credit("bea", 5)).encode()),
            credits(Long.MAX_VALUE, credit("bea", 5)).encode(),
            new Credits(
                    List.of(
                        new CreditGroup(CROWNS, 0, List.of(credit("bea", 5))),
                        new CreditGroup(CROWNS, 0, List.of(credit("bea", 5)))))
                .encode(),
            results(0, ResultCode.OK).encode(),
            results(0, ResultCode.PAYEE_CLOSED).encode());
    for (Bytes payload : hostile) {
      world.network.inject(A, B, payload);
    }
    assertTrue(world.network.quiet(), "nonsense is not answered");
    assertEquals(hostile.size(), world.network.reader(B).nonsense(A));
    world.assertBalance(B, "bea", 0, 0);
    world.network.inject("stranger", B, good);
    assertEquals(0, world.network.reader(B).nonsense("stranger"));
    world.network.reset(B, before);
    world.network.inject(A, B, good);
    world.assertBalance(B, "bea", 5, 0);
  }

  /** The same with its amount of 5 as 16 bytes, as the rules before these had it. */
  private static Bytes ofSixteenBytes(Bytes credits) {
    String hex = credits.toHex();
    assertTrue(hex.endsWith("0580"));
    return Bytes.fromHex(
        hex.substring(0, hex.length() - 4) + "50" + minor(5).toBytes().toHex() + "80");
  }

  @Test
  void aCreditAboveWhatAChannelCanCountMakesNoSense() {
    Fixture world = world();
    Settlement full =
        new Settlement(
            Uint128.ZERO, Uint128.ZERO, Uint128.ZERO, 0, 0, Uint128.MAX, Uint128.ZERO, 7);
    world.network.state(B).put(StateKeys.settlement(CROWNS, A), full.encode());
    world.network.inject(A, B, credits(7, credit("bea", 1)).encode());
    assertEquals(1, world.network.reader(B).nonsense(A));
    world.assertBalance(B, "bea", 0, 0);
  }

  @Test
  void onlyTheCodesOfAnAnswerCount() {
    Fixture world = world();
    world.accepted(A, by("alice"), remit("alice", B, "bea", 10), remit("alice", B, "bea", 20));
    world.network.intercept();
    StateTree before = world.network.tree(A);
    List<Results> hostile =
        List.of(
            results(0, ResultCode.PAYEE_CLOSED),
            results(0, ResultCode.OK, ResultCode.OK, ResultCode.OK),
            results(1, ResultCode.OK),
            new Results(
                List.of(new ResultGroup(EUR.id(), 0, List.of(ResultCode.OK, ResultCode.OK)))),
            new Results(
                List.of(
                    new ResultGroup(CROWNS, 0, List.of(ResultCode.OK, ResultCode.OK)),
                    new ResultGroup(CROWNS, 0, List.of(ResultCode.OK, ResultCode.OK)))));
    for (Results answer : hostile) {
      world.network.inject(B, A, answer.encode());
    }
    world.network.inject(C, A, results(0, ResultCode.OK, ResultCode.OK).encode());
    world.assertBalance(A, "alice", 970, 30);
    assertEquals(hostile.size(), world.network.reader(A).nonsense(B));
    assertEquals(1, world.network.reader(A).nonsense(C));

    world.network.reset(A, before);
    Results answer = results(0, ResultCode.OK, ResultCode.STATE_CORRUPT);
    world.network.inject(B, A, answer.encode());
    world.assertBalance(A, "alice", 990, 0);
    world.network.inject(B, A, answer.encode());
    world.assertBalance(A, "alice", 990, 0);
  }

  @Test
  void theLargestPaymentsThereAreDoNotExhaustAChannelNorAPayee() {
    Fixture world = world();
    world.accepted(A, by(operator(A)), open("nostro", CROWNS, 0));
    for (int i = 0; i < 5; i++) {
      world.accepted(
          A,
          by("nostro"),
          remit("nostro", B, "bea", Amount.MAX),
          remit("nostro", B, "nobody", Amount.MAX));
    }
    world.network.deliverAll();
    world.accepted(A, by("alice"), remit("alice", B, "bea", 1));
    world.network.deliverAll();
    BigInteger five = Amount.MAX.toUint128().toBigInteger().multiply(BigInteger.valueOf(5));
    assertEquals(five.add(BigInteger.ONE), world.at(B, "bea").availableMinor());
    assertEquals(Uint128.of(five), world.network.reader(A).settlement(CROWNS, B).returned());
    assertTrue(world.network.books().sums(CROWNS).clean());
  }

  @Test
  void aChannelStopsAt128BitsAndIsNotBroken() {
    Fixture world = world();
    world.accepted(A, by(operator(A)), open("nostro", CROWNS, 0));
    world.filledChannel(A, B);
    assertEquals(
        new Outcome.Failed(0, ResultCode.OVERFLOW),
        world.network.submit(A, by("alice"), remit("alice", B, "bea", 1)));
    world.accepted(A, by("alice"), remit("alice", C, "bea", 1));
    assertTrue(world.network.books().sums(CROWNS).clean());
  }

  @Test
  void aStateTheRulesDoNotLeadToIsAnOutcomeAndNotAnException() {
    Fixture world = world();
    Bytes key = StateKeys.account(account("alice"));
    Bytes good = world.network.state(A).get(key);
    world.network.state(A).put(key, Bytes.fromHex("f6"));
    assertEquals(
        new Outcome.Refused(ResultCode.STATE_CORRUPT),
        world.network.submit(A, by("alice"), remit("alice", B, "bea", 1)));
    assertEquals(false, world.network.authorises(A, by("alice"), account("alice").value()));

    // A pending debit that is smaller than what is on its way.
    world.network.state(A).put(key, good);
    world.accepted(A, by("alice"), remit("alice", B, "bea", 7));
    world.network.intercept();
    world.network.state(A).put(key, good);
    world.network.inject(B, A, results(0, ResultCode.OK).encode());
    assertEquals(1, world.network.reader(A).nonsense(B));
    assertEquals(good, world.network.state(A).get(key));
  }

  @Test
  void aTransferTouchesTwoAccountsAndARemittanceThreeKeys() {
    Fixture world = world().opened(A, "al");
    StateTree before = world.network.tree(A);
    world.accepted(A, by("alice"), Fixture.transfer("alice", "al", 1));
    assertTouched(world, before, key("alice"), key("al"));

    before = world.network.tree(A);
    world.accepted(A, by("alice"), remit("alice", B, "bea", 1), remit("alice", B, "ben", 1));
    Bytes settlement = StateKeys.settlement(CROWNS, B);
    Bytes pending = StateKeys.pending(CROWNS, B, 0);
    assertTouched(world, before, key("alice"), settlement, pending);

    StateTree beforeB = world.network.tree(B);
    world.network.inject(A, B, world.network.intercept().payload());
    assertTouched(world, beforeB, key("bea"), key("ben"), StateKeys.settlement(CROWNS, A));

    before = world.network.tree(A);
    world.network.deliverAll();
    assertTouched(world, before, key("alice"), settlement, pending);
  }

  private static Bytes key(String name) {
    return StateKeys.account(account(name));
  }

  /** Every record is changed, so the difference of the trees names what was written. */
  private static void assertTouched(Fixture world, StateTree before, Bytes... keys) {
    List<Bytes> full = new ArrayList<>();
    for (Bytes key : keys) {
      full.add(PrefixedView.fullKey(PrefixedView.APPLICATION, key));
    }
    StateWitness ofKeys = StateWitness.ofKeys(before, full);
    int extra = world.network.lastWitness().encoded().size() - ofKeys.encoded().size();
    // A removal may also have to show the neighbour that takes the removed one's place.
    assertTrue(extra >= 0 && extra < 350, "beyond these keys: " + extra + " bytes");
  }
}
