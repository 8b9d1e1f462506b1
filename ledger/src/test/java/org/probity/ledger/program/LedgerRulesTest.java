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
import static org.probity.ledger.Fixture.issue;
import static org.probity.ledger.Fixture.open;
import static org.probity.ledger.Fixture.operator;
import static org.probity.ledger.Fixture.policy;
import static org.probity.ledger.Fixture.redeem;
import static org.probity.ledger.Fixture.remit;
import static org.probity.ledger.Fixture.transfer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.codec.Uint128;
import org.probity.detector.commitment.ChannelId;
import org.probity.detector.commitment.Machine;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.Statement;
import org.probity.detector.crypto.TestKeys;
import org.probity.detector.evidence.ByzantineLog;
import org.probity.detector.evidence.Transcript;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Parameters;
import org.probity.detector.governance.Polity;
import org.probity.detector.log.Entry;
import org.probity.detector.log.SendEntry;
import org.probity.detector.log.TransactionEntry;
import org.probity.detector.node.TestNetwork;
import org.probity.detector.program.Transaction;
import org.probity.detector.program.TransactionOutcome;
import org.probity.detector.state.PrefixedView;
import org.probity.detector.state.StateView;
import org.probity.ledger.Fixture;
import org.probity.ledger.transaction.AccountId;
import org.probity.ledger.transaction.Amount;
import org.probity.ledger.transaction.AssetDefinition;
import org.probity.ledger.transaction.AssetId;
import org.probity.ledger.transaction.KeyPolicy;
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
import org.probity.ledger.transaction.TransactionBody;

/**
 * Rules are those of the program id: the same inputs give the same outcomes, messages and states,
 * byte for byte, as when the id was new. A witness with other code would convict correct nodes.
 *
 * <p>Two stories in the logs of three banks, with a STATE after each input: every operation, every
 * result code, every way a payment between nodes can go. Whoever changes a story needs new rules
 * too, so a rule that is missing here is better tested elsewhere than added.
 */
class LedgerRulesTest {
  private static final long NOW = TestNetwork.FOUNDED_MILLIS;
  private static final AssetDefinition GOLD =
      new AssetDefinition(
          "GOLD",
          AssetDefinition.MAX_SCALE,
          policy(1, "mint"),
          AssetDefinition.FREEZABLE_BY_ISSUER);
  private static final AssetDefinition MINE =
      new AssetDefinition("MINE", 0, policy(1, "stranger"), 0);
  private static final References REFERENCES =
      References.endToEnd("ORDER-29401")
          .withUetr(Bytes.fromHex("97ed4827a7e64b23a3a2bd3d3a0b1a2c"))
          .withPurpose("OTHR")
          .withCreditorReference("RF18539007547034")
          .withLei("529900T8BM49AURSDO55");

  private final LedgerProgram program = new LedgerProgram();
  private final TestNetwork network =
      TestNetwork.of(
          Parameters.of(1, 2),
          program.id(),
          Fixture.parameters(List.of(A, B, C)).encode(),
          A,
          B,
          C);
  private final Map<String, ByzantineLog> logs = new LinkedHashMap<>();
  private final List<String> footprints = new ArrayList<>();
  private final Map<String, Long> delivered = new LinkedHashMap<>();
  private long ids;

  private ByzantineLog begin(String name, String node) {
    ByzantineLog log =
        new ByzantineLog(network, new Machine(network.genesis(), network.node(node), program));
    logs.put(name, log.genesis().tick(NOW + 1).endState());
    return log;
  }

  /** One transaction; the first signer submits it. */
  private void submit(ByzantineLog log, List<String> signers, Operation... operations) {
    submit(log, signers, new TransactionBody(Arrays.asList(operations)).encode());
  }

  private void submit(ByzantineLog log, List<String> signers, Bytes body) {
    submit(log, signers, TestKeys.named(signers.get(0)).publicKey().toBytes(), body);
  }

  private void submit(ByzantineLog log, List<String> signers, Bytes submitter, Bytes body) {
    Transaction transaction =
        new Transaction(
            log.machine().self().node(),
            Transaction.clientId(NOW + 60_000, ids++),
            submitter,
            body);
    footprints.add("footprint " + ids + " " + program.transactionFootprint(transaction));
    Signer[] keys =
        signers.stream().map(name -> Signer.of(TestKeys.named(name))).toArray(Signer[]::new);
    log.transaction(
        Statement.sign(
            network.genesis().networkId(), Transaction.TYP, transaction.encode(), List.of(keys)));
    log.endState();
  }

  /** Delivers what {@code from} has sent to {@code to} and what was not delivered before. */
  private void deliver(ByzantineLog from, ByzantineLog to) {
    String node = to.machine().self().node();
    String channel = from.machine().self().node() + " to " + node;
    long since = delivered.getOrDefault(channel, 0L);
    delivered.put(channel, from.size());
    for (long index : from.sends()) {
      if (index >= since && ((SendEntry) body(from, index)).toNode().equals(node)) {
        to.receive(from.envelope(index)).endState();
      }
    }
  }

  /** Sends what the rules would not. */
  private static void send(ByzantineLog from, long sequence, ByzantineLog to, Bytes payload) {
    long index = from.size();
    from.body(new SendEntry(to.machine().self().node(), 0, sequence, payload)).endState();
    to.receive(from.envelope(index)).endState();
  }

  private static Object body(ByzantineLog log, long index) {
    try {
      return Entry.decode(log.entry(index)).body();
    } catch (DecodeException e) {
      throw new AssertionError(e);
    }
  }

  private static Operation issueOf(AssetId asset, String payee, Amount amount) {
    return new Operation.Issue(asset, account(payee), amount, References.NONE);
  }

  @Test
  void theSameInputsGiveTheSameLogsUnderTheSameId() throws Exception {
    operationsOneByOne();
    paymentsBetweenBanks();
    sumsThatAreFullAndStatesThatAreBroken();
    assertEquals(EnumSet.allOf(ResultCode.class), EnumSet.copyOf(codes()), "codes in the logs");

    Transcript transcript = new Transcript();
    transcript
        .line("operations " + TransactionBody.MAX_OPERATIONS)
        .line("credits of a group " + SettlementMessage.MAX_GROUP_CREDITS)
        .line("groups " + SettlementMessage.MAX_GROUPS)
        .line("keys " + KeyPolicy.MAX_KEYS);
    logs.forEach(transcript::log);
    footprints.forEach(transcript::line);
    logs.forEach((name, log) -> footprints(transcript, name, log));
    transcript.assertUnchanged(program);
  }

  private void footprints(Transcript transcript, String name, ByzantineLog log) {
    for (long index = 0; index < log.size(); index++) {
      if (body(log, index) instanceof SendEntry entry) {
        int bytes = program.messageFootprint(entry.payload());
        transcript.line(name + " footprint " + index + " " + bytes);
      }
    }
  }

  private Set<ResultCode> codes() throws DecodeException {
    Set<ResultCode> codes = EnumSet.noneOf(ResultCode.class);
    for (ByzantineLog log : logs.values()) {
      for (long index = 0; index < log.size(); index++) {
        if (body(log, index) instanceof TransactionEntry entry) {
          TransactionOutcome outcome = TransactionOutcome.decode(entry.outcome());
          if (outcome.status() == TransactionOutcome.Status.EXECUTED) {
            codes.add(Outcome.decode(outcome.detail()).code());
          }
        }
      }
    }
    return codes;
  }

  private void operationsOneByOne() {
    ByzantineLog a = begin("a", A);
    List<String> operator = by(operator(A));
    openings(a, operator);
    definitions(a, operator);
    issuesAndRedemptions(a);
    transfers(a);
    statuses(a, operator);
    strangers(a);
    for (String hex : List.of("", "80", "8201", "820180", "8202818103", "8201818103", "f6")) {
      submit(a, operator, Bytes.fromHex(hex));
      submit(a, by("alice"), Bytes.fromHex(hex));
    }
    submit(a, operator, Bytes.fromHex("8201990201" + "80".repeat(513)));
    Operation[] most =
        Collections.nCopies(512, new Operation.CloseAccount(account("no")))
            .toArray(Operation[]::new);
    submit(a, operator, most);
  }

  private void openings(ByzantineLog a, List<String> operator) {
    submit(a, operator, open("alice"), open("bob"), open("frozen"), open("closed"));
    submit(a, operator, open("nostro", CZK.id(), 0), open("lender", CZK.id(), NO_CREDIT));
    submit(a, operator, open("euro", EUR.id(), NO_OVERDRAFT));
    KeyPolicy joint = policy(2, "joint-1", "joint-2", "joint-3");
    AccountId id = account("joint");
    submit(a, operator, new Operation.OpenAccount(id, CZK.id(), joint, NO_OVERDRAFT));
    submit(a, operator, open("new", CZK.id(), 4));
    submit(a, operator, open("new", CZK.id(), NO_CREDIT | NO_OVERDRAFT));
    submit(a, operator, open("alice", GOLD.id(), 3));
    submit(a, operator, open("alice", GOLD.id(), 0));
    submit(a, operator, open("alice"));
    submit(a, by("issuer"), open("new"));
    submit(a, by("issuer"), open("alice"));
    submit(a, by(operator(B), operator(A)), open("by another", CZK.id(), 0));
  }

  private void definitions(ByzantineLog a, List<String> operator) {
    submit(a, operator, new Operation.DefineAsset(GOLD));
    submit(a, by("mint"), new Operation.DefineAsset(GOLD));
    Bytes define = bodyOf(new Operation.DefineAsset(GOLD));
    submit(a, by("alice", "mint"), account("alice").value(), define);
    String scaleTooLarge = define.toHex().replace("64474f4c4412", "64474f4c4413");
    submit(a, operator, Bytes.fromHex(scaleTooLarge));
    submit(a, by("mint", operator(A)), new Operation.DefineAsset(GOLD));
    submit(a, by("mint", operator(A)), new Operation.DefineAsset(GOLD));
    submit(a, by("mint"), new Operation.DefineAsset(GOLD));
    submit(a, operator, new Operation.DefineAsset(CZK), open("not opened"));
    submit(a, operator, open("golden", GOLD.id(), NO_OVERDRAFT));
  }

  private void issuesAndRedemptions(ByzantineLog a) {
    List<String> issuer = by("issuer");
    submit(a, issuer, issue("alice", 1_000), issue("frozen", 100), issue("joint", 500));
    submit(a, by("issuer", "issuer-2"), issueOf(EUR.id(), "euro", Amount.MAX));
    submit(a, by("mint"), issueOf(GOLD.id(), "golden", amount(77)));
    submit(a, issuer, issue("nobody", 0));
    submit(a, by(operator(A)), issueOf(MINE.id(), "alice", amount(1)));
    submit(a, by("alice"), issue("alice", 1));
    submit(a, issuer, issueOf(EUR.id(), "euro", amount(1)));
    submit(a, issuer, issue("nobody", 1));
    submit(a, issuer, issue("euro", 1));
    submit(a, issuer, issue("lender", 1));
    submit(a, by("alice"), redeem("alice", 10));
    submit(a, by("alice"), redeem("alice", 0));
    submit(a, by(operator(A)), redeem("nobody", 1));
    submit(a, by(operator(A)), redeem("alice", 1));
    submit(a, by("alice"), redeem("alice", 991));
    submit(a, by("nostro"), redeem("nostro", 5));
    submit(a, by("lender"), redeem("lender", 3), issue("lender", 1));
    submit(a, by("lender", "issuer"), redeem("lender", 3), issue("lender", 3));
  }

  private void transfers(ByzantineLog a) {
    List<String> alice = by("alice");
    submit(a, alice, transfer("alice", "bob", 10));
    submit(
        a, alice, new Operation.Transfer(account("alice"), account("bob"), amount(5), REFERENCES));
    submit(a, by("nostro"), transfer("nostro", "bob", Amount.MAX));
    submit(a, by("joint-1", "joint-3"), transfer("joint", "bob", 100));
    submit(a, by("joint-1"), transfer("joint", "bob", 100));
    submit(a, by("bob"), transfer("alice", "bob", 1));
    submit(a, alice, transfer("alice", "alice", 0));
    submit(a, alice, transfer("alice", "alice", 1));
    submit(a, by(operator(A)), transfer("nobody", "bob", 1));
    submit(a, alice, transfer("alice", "nobody", 5_000));
    submit(a, alice, transfer("alice", "euro", 5_000));
    submit(a, alice, transfer("alice", "bob", 5_000));
    submit(a, alice, transfer("alice", "lender", 5_000));
    submit(a, alice, transfer("alice", "lender", 1));
    submit(a, alice, remit("alice", B, "nobody", 0));
    submit(a, alice, remit("alice", A, "bob", 1));
    submit(a, alice, remit("alice", "nowhere", "bob", 1));
    submit(a, by(operator(A)), remit("nobody", B, "bea", 1));
    submit(a, by("bob", operator(A)), remit("alice", B, "bea", 1));
    submit(a, alice, remit("alice", B, "bea", 5_000));
    submit(a, by("alice", "bob"), transfer("alice", "bob", 3), transfer("bob", "alice", 2));
    submit(a, alice, transfer("alice", "bob", 3), transfer("alice", "bob", 5_000));
    submit(a, by("bob", "alice"), account("alice").value(), bodyOf(transfer("alice", "bob", 1)));
    submit(a, by("bob"), account("alice").value(), bodyOf(transfer("alice", "bob", 1)));
  }

  private static Bytes bodyOf(Operation operation) {
    return TransactionBody.of(operation).encode();
  }

  private void statuses(ByzantineLog a, List<String> operator) {
    List<String> issuers = by("issuer", "issuer-2");
    submit(a, operator, new Operation.CloseAccount(account("closed")));
    submit(a, operator, new Operation.CloseAccount(account("closed")));
    submit(a, operator, new Operation.CloseAccount(account("nobody")));
    submit(a, by("alice"), new Operation.CloseAccount(account("alice")));
    submit(a, operator, new Operation.CloseAccount(account("alice")));
    submit(a, operator, new Operation.FreezeAccount(account("frozen")));
    submit(a, operator, new Operation.FreezeAccount(account("frozen")));
    submit(a, operator, new Operation.FreezeAccount(account("closed")));
    submit(a, operator, new Operation.FreezeAccount(account("nobody")));
    submit(a, by("alice"), new Operation.FreezeAccount(account("alice")));
    submit(a, by("issuer"), new Operation.FreezeAccount(account("alice")), issue("alice", 1));
    submit(a, issuers, new Operation.FreezeAccount(account("euro")));
    submit(a, by("issuer"), new Operation.UnfreezeAccount(account("euro")));
    submit(a, issuers, new Operation.UnfreezeAccount(account("euro")));
    submit(a, by("mint"), new Operation.FreezeAccount(account("golden")));
    submit(a, operator, new Operation.UnfreezeAccount(account("golden")));
    submit(a, operator, new Operation.UnfreezeAccount(account("alice")));
    submit(a, operator, new Operation.UnfreezeAccount(account("closed")));
    submit(a, operator, new Operation.UnfreezeAccount(account("nobody")));
    submit(a, by("frozen"), new Operation.UnfreezeAccount(account("frozen")));
    submit(a, operator, new Operation.CloseAccount(account("frozen")));
    submit(a, by("frozen"), transfer("frozen", "closed", 5_000));
    submit(a, by("frozen"), redeem("frozen", 5_000));
    submit(a, by("frozen"), remit("frozen", B, "bea", 5_000));
    submit(a, by("closed"), transfer("closed", "frozen", 1));
    submit(a, by("closed"), remit("closed", B, "bea", 1));
    submit(a, by("alice"), transfer("alice", "closed", 5_000));
    submit(a, by("alice"), transfer("alice", "frozen", 5_000));
    submit(a, by("issuer"), issue("closed", 1));
    submit(a, by("issuer"), issue("frozen", 1));
    submit(
        a,
        by(operator(A), "issuer", "short-lived"),
        open("short-lived"),
        issue("short-lived", 10),
        transfer("short-lived", "bob", 10),
        new Operation.CloseAccount(account("short-lived")));
  }

  private void strangers(ByzantineLog a) {
    for (Operation operation :
        List.of(
            new Operation.DefineAsset(MINE),
            open("mine"),
            new Operation.CloseAccount(account("alice")),
            new Operation.FreezeAccount(account("euro")),
            new Operation.UnfreezeAccount(account("euro")),
            issue("alice", 1),
            redeem("alice", 1),
            transfer("alice", "bob", 1),
            remit("alice", B, "bea", 1))) {
      submit(a, by("stranger"), operation);
      // The operator vouches for whoever submits, and authorises nothing that is not its own.
      submit(a, by("stranger", operator(A)), operation);
    }
  }

  private static Credit credit(String payer, String payee, Amount amount) {
    return new Credit(account(payer), account(payee), amount, References.NONE);
  }

  private static Bytes credits(AssetId asset, long first, Credit... credits) {
    return new Credits(List.of(new CreditGroup(asset, first, List.of(credits)))).encode();
  }

  private static Bytes results(AssetId asset, long first, ResultCode... codes) {
    return new Results(List.of(new ResultGroup(asset, first, List.of(codes)))).encode();
  }

  private void paymentsBetweenBanks() {
    ByzantineLog a = logs.get("a");
    ByzantineLog b = begin("b", B);
    ByzantineLog c = begin("c", C);
    List<String> operator = by(operator(B));
    submit(b, operator, open("bea"), open("frozen"), open("closed"), open("ben"));
    submit(b, operator, open("lender", CZK.id(), NO_CREDIT), open("euro", EUR.id(), 0));
    submit(b, operator, new Operation.FreezeAccount(account("frozen")));
    submit(b, operator, new Operation.CloseAccount(account("closed")));
    everyAnswer(a, b);
    unknownAssets(a, b);
    manyPayments(a, b);
    lies(a, b, c);
    returns(a);
  }

  /** What {@code a} sent to bank C, the first half of which C took in before it was revoked. */
  private void returns(ByzantineLog a) {
    submit(a, by("bob"), remit("bob", C, "carl", 41), remit("bob", C, "cora", 42));
    ChannelId channel = ChannelId.to(network.node(C));
    List<Long> open = Machine.system(a.state()).openSends(channel, 0, 32);
    Polity polity = new Polity(network);
    DecisionChain chain = polity.chain();
    Action.Taken taken =
        new Action.Taken(
            new Action.LogName(A, 0),
            Machine.system(a.state()).outgoing(channel).acked() + open.size() / 2);
    for (Action action :
        List.of(new Action.SuspendNode(C), new Action.RevokeNode(C, Polity.HEAD, List.of(taken)))) {
      a.decide(polity.unanimous(chain.state(), action)).endState();
      chain = polity.decide(chain, action);
    }
    for (long send : open) {
      a.receive(a.envelope(send)).endState();
    }
  }

  private void everyAnswer(ByzantineLog a, ByzantineLog b) {
    submit(
        a,
        by("alice", "euro"),
        remit("alice", B, "nobody", 1),
        remit("alice", B, "closed", 2),
        remit("alice", B, "frozen", 3),
        remit("euro", B, "euro", 4),
        remit("alice", B, "euro", 5),
        remit("alice", B, "lender", 6),
        remit("euro", B, "bea", 7),
        new Operation.Remit(account("alice"), B, account("bea"), amount(8), REFERENCES));
    submit(a, by("alice"), new Operation.CloseAccount(account("alice")));
    // 973 less the 25 that are on their way.
    submit(a, by("alice"), transfer("alice", "bob", 949));
    submit(a, by("alice"), transfer("alice", "bob", 948), transfer("bob", "alice", 948));
    submit(a, by("alice", "bob"), transfer("alice", "bob", 948), transfer("bob", "alice", 948));
    submit(a, by(operator(A)), new Operation.FreezeAccount(account("alice")));
    deliver(a, b);
    deliver(b, a);
    submit(a, by(operator(A)), new Operation.UnfreezeAccount(account("alice")));
    // A hand-over of everything, so that only what is on its way keeps the account open.
    submit(b, by("bea"), remit("bea", A, "bob", 8));
    submit(b, by("bea"), new Operation.CloseAccount(account("bea")));
    deliver(b, a);
    deliver(a, b);
    submit(b, by("bea"), new Operation.CloseAccount(account("bea")));
  }

  private void unknownAssets(ByzantineLog a, ByzantineLog b) {
    submit(a, by("golden"), remit("golden", B, "goldie", 5), remit("golden", B, "goldie", 6));
    submit(a, by("golden", "alice"), remit("golden", B, "goldie", 7), remit("alice", B, "ben", 9));
    deliver(a, b);
    deliver(b, a);
    submit(b, by("mint", operator(B)), new Operation.DefineAsset(GOLD));
    submit(b, by(operator(B)), open("goldie", GOLD.id(), 0));
    submit(b, by("goldie"), remit("goldie", A, "golden", 2));
    submit(a, by("golden"), remit("golden", B, "goldie", 8));
    deliver(a, b);
    deliver(b, a);
  }

  private void manyPayments(ByzantineLog a, ByzantineLog b) {
    Operation[] payments = new Operation[64];
    for (int i = 0; i < payments.length; i++) {
      payments[i] = remit("bob", i % 16 == 0 ? C : B, i % 2 == 0 ? "ben" : "nobody", 100 + i);
    }
    submit(a, by("bob"), payments);
    deliver(a, b);
    deliver(b, a);
  }

  /** What {@code c} says that no correct node would. */
  private void lies(ByzantineLog a, ByzantineLog b, ByzantineLog c) {
    Bytes good = credits(CZK.id(), 0, credit("x", "ben", amount(5)), credit("x", "no", amount(6)));
    List<Bytes> toB =
        List.of(
            Bytes.EMPTY,
            Bytes.fromHex("80"),
            Bytes.fromHex("820180"),
            Bytes.fromHex("820380"),
            good.slice(0, good.size() - 1),
            credits(CZK.id(), 0, credit("x", "ben", amount(5)), credit("x", "ben", Amount.ZERO)),
            credits(MINE.id(), 9, credit("x", "ben", amount(5)), credit("x", "ben", Amount.ZERO)),
            credits(MINE.id(), 9, credit("x", "ben", Amount.MAX)),
            credits(CZK.id(), Long.MAX_VALUE, credit("x", "ben", amount(1))),
            good,
            good,
            credits(CZK.id(), 3, credit("x", "ben", amount(1))),
            credits(CZK.id(), 2, credit("x", "ben", Amount.MAX)),
            credits(EUR.id(), 7, credit("x", "euro", amount(1))),
            credits(EUR.id(), 7, credit("x", "euro", amount(1))),
            results(CZK.id(), 0, ResultCode.OK));
    for (int i = 0; i < toB.size(); i++) {
      send(c, i, b, toB.get(i));
    }
    // Of the many payments above, four went to c and wait for an answer.
    ResultCode ok = ResultCode.OK;
    ResultCode unknown = ResultCode.ASSET_NOT_FOUND;
    submit(a, by("bob"), remit("bob", C, "ben", 1_000), remit("bob", C, "ben", 2_000));
    submit(a, by("bob"), remit("bob", C, "ben", 4_000));
    List<Bytes> toA =
        List.of(
            results(CZK.id(), 0, ok, ok, ok),
            results(CZK.id(), 1, ok, ok, ok, ok),
            results(EUR.id(), 0, ok, ok, ok, ok),
            results(CZK.id(), 0, ok, unknown, ok, ok),
            results(CZK.id(), 4, ok, ResultCode.STATE_CORRUPT),
            results(CZK.id(), 6, unknown),
            results(CZK.id(), 6, ok),
            new Results(
                    List.of(
                        new ResultGroup(CZK.id(), 0, List.of(ok, ok, ok, ok)),
                        new ResultGroup(CZK.id(), 0, List.of(ok, ok, ok, ok))))
                .encode(),
            results(CZK.id(), 0, ok, ok, ok, ok));
    for (int i = 0; i < toA.size(); i++) {
      send(c, i, a, toA.get(i));
    }
  }

  /** What no operations lead to. */
  private void sumsThatAreFullAndStatesThatAreBroken() {
    ByzantineLog full = begin("full", A);
    List<String> operator = by(operator(A));
    submit(full, operator, open("alice"), open("nostro", CZK.id(), 0), open("full", CZK.id(), 0));
    submit(full, by("issuer"), issue("alice", 1_000));
    StateView state = PrefixedView.application(full.state());
    Uint128 none = Uint128.ZERO;
    KeyPolicy owner = policy(1, "full");
    Account account =
        new Account(CZK.id(), owner, 0, Account.Status.OPEN, none, Uint128.MAX, none, Uint128.MAX);
    state.put(StateKeys.account(account("full")), account.encode());
    Settlement channel = new Settlement(none, none, Uint128.MAX, 1, 1, none, none, 0);
    state.put(StateKeys.settlement(CZK.id(), B), channel.encode());
    submit(full, by("alice"), transfer("alice", "full", 1));
    submit(full, by("full"), transfer("full", "alice", 1));
    submit(full, by("full"), redeem("full", 1));
    submit(full, by("full"), remit("full", C, "bea", 1));
    submit(full, by("issuer"), issue("full", 1));
    submit(full, by("alice"), remit("alice", B, "bea", 1));
    Issuance issuance = new Issuance(Uint128.MAX, Uint128.MAX);
    state.put(StateKeys.issuance(CZK.id()), issuance.encode());
    submit(full, by("alice"), redeem("alice", 1));
    submit(full, by("issuer"), issue("alice", 1));
    ByzantineLog c = begin("c of full", C);
    send(c, 0, full, credits(CZK.id(), 0, credit("x", "full", amount(1))));
    Settlement received = new Settlement(none, none, none, 0, 0, Uint128.MAX, none, 5);
    state.put(StateKeys.settlement(CZK.id(), C), received.encode());
    send(c, 1, full, credits(CZK.id(), 5, credit("x", "alice", amount(1))));

    state.put(StateKeys.account(account("alice")), Bytes.fromHex("f6"));
    submit(full, by("nostro"), transfer("nostro", "alice", 1));
    submit(full, by("alice"), transfer("alice", "full", 1));
    send(c, 2, full, credits(CZK.id(), 5, credit("x", "alice", amount(1))));
    submit(full, by("nostro"), remit("nostro", C, "bea", 1));
    state.remove(StateKeys.account(account("nostro")));
    send(c, 3, full, results(CZK.id(), 0, ResultCode.OK));
    state.remove(StateKeys.OPERATOR);
    submit(full, operator, open("nobody opens"));
    assertTrue(new LedgerReader(state).nonsense(C) > 0);
  }
}
