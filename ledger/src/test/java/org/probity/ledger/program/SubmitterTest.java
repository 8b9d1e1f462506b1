package org.probity.ledger.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.probity.ledger.Fixture.A;
import static org.probity.ledger.Fixture.B;
import static org.probity.ledger.Fixture.CZK;
import static org.probity.ledger.Fixture.EUR;
import static org.probity.ledger.Fixture.NO_OVERDRAFT;
import static org.probity.ledger.Fixture.account;
import static org.probity.ledger.Fixture.by;
import static org.probity.ledger.Fixture.issue;
import static org.probity.ledger.Fixture.open;
import static org.probity.ledger.Fixture.operator;
import static org.probity.ledger.Fixture.policy;
import static org.probity.ledger.Fixture.redeem;
import static org.probity.ledger.Fixture.remit;
import static org.probity.ledger.Fixture.transfer;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.PublicKey;
import org.probity.detector.program.Context;
import org.probity.detector.program.Submission;
import org.probity.detector.program.Transaction;
import org.probity.detector.state.KeyValue;
import org.probity.detector.state.StateView;
import org.probity.ledger.Fixture;
import org.probity.ledger.MemoryNetwork;
import org.probity.ledger.transaction.AssetDefinition;
import org.probity.ledger.transaction.Footprint;
import org.probity.ledger.transaction.Operation;
import org.probity.ledger.transaction.TransactionBody;

/** Who may have something logged at all, whatever becomes of it. */
class SubmitterTest {
  private static final AssetDefinition GOLD = new AssetDefinition("GOLD", 0, policy(1, "mint"), 0);

  private final Fixture world = world();

  private static Fixture world() {
    Fixture world = new Fixture().opened(A, "alice", "bob").funded(A, "alice", 1_000);
    world.accepted(A, by(operator(A)), open("euro", EUR.id(), NO_OVERDRAFT));
    world.accepted(
        A,
        by(operator(A)),
        new Operation.OpenAccount(
            account("joint"), CZK.id(), policy(2, "joint-1", "joint-2", "joint-3"), NO_OVERDRAFT));
    return world;
  }

  private static Bytes key(String name) {
    return MemoryNetwork.key(name).toBytes();
  }

  /** Whether this key may submit what it has signed alone. */
  private boolean maySubmit(String name, Operation... operations) {
    return world.network.authorises(A, by(name), key(name), operations);
  }

  @Test
  void anAccountSubmitsWhatItsOwnersSign() {
    Bytes joint = account("joint").value();
    assertTrue(world.network.authorises(A, by("joint-1", "joint-2"), joint));
    assertFalse(world.network.authorises(A, by("joint-1"), joint));
    assertFalse(world.network.authorises(A, by("alice"), account("nobody").value()));
  }

  @Test
  void aKeySubmitsOnlyWhatItSigns() {
    Operation payment = transfer("alice", "bob", 1);
    assertTrue(world.network.authorises(A, by("alice", "bob"), key("alice"), payment));
    assertFalse(world.network.authorises(A, by("bob"), key("alice"), payment));
    assertFalse(world.network.authorises(A, by(operator(A)), key("alice"), payment));
    assertFalse(world.network.authorises(A, by("bob"), Bytes.EMPTY, payment));
    assertFalse(world.network.authorises(A, by("bob"), Bytes.of(new byte[31]), payment));
  }

  /** Every operation there is, on things that exist and on things that do not. */
  private static List<Operation> everything() {
    List<Operation> all = new ArrayList<>();
    for (String name : List.of("alice", "joint", "euro", "stranger")) {
      all.addAll(
          List.of(
              open(name),
              new Operation.CloseAccount(account(name)),
              new Operation.FreezeAccount(account(name)),
              new Operation.UnfreezeAccount(account(name)),
              issue(name, 1),
              redeem(name, 1),
              transfer(name, "bob", 1),
              transfer("bob", name, 1),
              remit(name, B, "bea", 1)));
    }
    all.add(new Operation.DefineAsset(GOLD));
    all.add(new Operation.DefineAsset(CZK));
    all.add(new Operation.DefineAsset(new AssetDefinition("MINE", 0, policy(1, "stranger"), 0)));
    all.add(open("mine", GOLD.id(), 0));
    return all;
  }

  @Test
  void whatAStrangerMakesUpIsNotLogged() {
    for (Operation operation : everything()) {
      assertFalse(maySubmit("stranger", operation), operation::toString);
    }
    assertFalse(maySubmit("stranger", everything().toArray(Operation[]::new)));
    assertFalse(maySubmit("stranger"), "what does not decode");
    assertFalse(maySubmit(operator(B), transfer("alice", "bob", 1)), "an operator of another node");
  }

  @Test
  void whoOwnsAnAccountOfTheTransactionMaySubmitIt() {
    assertTrue(maySubmit("alice", transfer("alice", "bob", 1)));
    assertTrue(maySubmit("bob", transfer("alice", "bob", 1)), "recorded as unauthorised");
    assertTrue(maySubmit("joint-2", redeem("joint", 1)), "of several, who may sign as well");
    assertTrue(maySubmit("alice", remit("alice", B, "bea", 1)));
    assertFalse(maySubmit("alice", remit("bob", B, "alice", 1)), "that is another alice");
    assertTrue(maySubmit("alice", new Operation.CloseAccount(account("alice"))));
    assertTrue(maySubmit("alice", transfer("bob", "joint", 1), transfer("alice", "bob", 1)));
    assertFalse(maySubmit("alice", transfer("bob", "joint", 1)));
  }

  @Test
  void whoIssuesAnAssetOfTheTransactionMaySubmitIt() {
    assertTrue(maySubmit("issuer", issue("alice", 1)));
    assertTrue(maySubmit("issuer-2", new Operation.FreezeAccount(account("euro"))));
    assertFalse(maySubmit("issuer-2", new Operation.FreezeAccount(account("alice"))));
    assertTrue(maySubmit("issuer", open("new")), "recorded as unauthorised");
    assertFalse(maySubmit("mint", new Operation.DefineAsset(GOLD)), "not known yet");
  }

  @Test
  void theOperatorSubmitsAnythingAndVouchesForOthers() {
    for (Operation operation : everything()) {
      assertTrue(maySubmit(operator(A), operation), operation::toString);
    }
    assertTrue(maySubmit(operator(A)), "what does not decode");
    assertTrue(
        world.network.authorises(
            A, by("mint", operator(A)), key("mint"), new Operation.DefineAsset(GOLD)));
  }

  @Test
  void aNodeWithoutAnOperatorHasIssuersAndNobodyElse() {
    world.network.state(A).remove(StateKeys.OPERATOR);
    assertFalse(maySubmit("stranger", issue("alice", 1)));
    assertTrue(maySubmit("issuer", issue("alice", 1)));
  }

  @Test
  void theFootprintCoversWhatDecidesIt() {
    LedgerProgram program = new LedgerProgram();
    for (String submitter : List.of("stranger", "issuer-2", operator(A))) {
      List<PublicKey> signers = List.of(MemoryNetwork.key(submitter));
      for (Operation operation : everything()) {
        Transaction transaction =
            new Transaction(
                A,
                Transaction.clientId(1, 1),
                key(submitter),
                TransactionBody.of(operation).encode());
        Submission submission = new Submission(signers, transaction, 7);
        Reading context = new Reading(world.network.state(A));
        program.authorises(submission, context);
        program.execute(submission, context);
        assertTrue(
            context.read.size() * Footprint.ROW_BYTES <= program.transactionFootprint(transaction),
            () -> submitter + " " + operation + " reads " + context.read);
      }
    }
    Transaction nothing =
        new Transaction(A, Transaction.clientId(1, 1), key("stranger"), Bytes.EMPTY);
    assertEquals(Footprint.ROW_BYTES, program.transactionFootprint(nothing));
  }

  /** Notes which keys are read and forgets what is written. */
  private static final class Reading implements Context, StateView {
    private final StateView state;
    private final Set<Bytes> read = new TreeSet<>();

    Reading(StateView state) {
      this.state = state;
    }

    @Override
    public @Nullable Bytes get(Bytes key) {
      read.add(key);
      return state.get(key);
    }

    @Override
    public void put(Bytes key, Bytes value) {}

    @Override
    public void remove(Bytes key) {}

    @Override
    public void removeRange(Bytes from, @Nullable Bytes to) {
      throw new AssertionError("not needed");
    }

    @Override
    public List<KeyValue> scan(Bytes from, @Nullable Bytes to, int limit) {
      throw new AssertionError("not needed");
    }

    @Override
    public String self() {
      return A;
    }

    @Override
    public long nowMillis() {
      return 0;
    }

    @Override
    public boolean isPeer(String node) {
      return node.equals(B);
    }

    @Override
    public StateView state() {
      return this;
    }

    @Override
    public void send(String to, Bytes payload) {}

    @Override
    public void rollback() {}
  }
}
