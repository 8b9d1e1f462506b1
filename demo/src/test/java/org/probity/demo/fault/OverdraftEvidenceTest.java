package org.probity.demo.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.probity.ledger.Fixture.CZK;
import static org.probity.ledger.Fixture.operator;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.probity.detector.audit.ConformanceAudit;
import org.probity.detector.audit.Finding;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.Replay;
import org.probity.detector.commitment.SystemState;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.Statement;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.crypto.TestKeys;
import org.probity.detector.crypto.VerifiedStatement;
import org.probity.detector.evidence.ByzantineLog;
import org.probity.detector.evidence.EvidenceVerifier;
import org.probity.detector.evidence.FaultKind;
import org.probity.detector.evidence.Verification;
import org.probity.detector.governance.Parameters;
import org.probity.detector.log.Entry;
import org.probity.detector.log.TransactionEntry;
import org.probity.detector.node.TestNetwork;
import org.probity.detector.program.Program;
import org.probity.detector.program.SystemRules;
import org.probity.detector.program.Transaction;
import org.probity.detector.program.TransactionOutcome;
import org.probity.ledger.Fixture;
import org.probity.ledger.client.Submitter;
import org.probity.ledger.client.TransactionDraft;
import org.probity.ledger.program.LedgerProgram;
import org.probity.ledger.transaction.AccountFlags;
import org.probity.ledger.transaction.AccountId;
import org.probity.ledger.transaction.Amount;
import org.probity.ledger.transaction.KeyPolicy;
import org.probity.ledger.transaction.Operation;
import org.probity.ledger.transaction.Outcome;
import org.probity.ledger.transaction.References;
import org.probity.ledger.transaction.TransactionBody;
import org.probity.simulation.fault.Lie;
import org.probity.simulation.fault.LyingProgram;

/**
 * SPEC protocol.md §8.1: what proves a fault stays within 64 KiB however long the log, however many
 * the accounts and whatever batch the culprit hides it in.
 */
class OverdraftEvidenceTest {
  private static final List<String> BANKS = List.of("alpha", "beta", "gamma", "delta");
  private static final String CULPRIT = "alpha";
  private static final int OPENINGS_PER_TRANSACTION = 300;

  private static final long DEADLINE = TestNetwork.FOUNDED_MILLIS + 60_000_000;
  private static final Hash ANYTHING = Hash.sha256();

  private static final int MAX_EVIDENCE_BYTES = 64 << 10;

  /** Of work on a warm machine: the best of many, which other work beside it hardly touches. */
  private static final long MAX_MILLIS = 50;

  /** Numbered from 0; nobody else pays them or is paid by them in bulk. */
  private static final int CULPRITS_CUSTOMERS = 40;

  @Test
  void fitsTheLimitWithAThousandAccountsAndEntries() {
    run(1_000, 1_000);
  }

  @Test
  @Tag("campaign")
  void fitsTheLimitWithAMillionAccountsAndEntries() {
    run(1_000_000, 1_000_000);
  }

  private static void run(int accounts, int entries) {
    Bank bank = new Bank();
    bank.open(accounts);
    bank.growLogTo(entries);
    SplittableRandom random = new SplittableRandom(entries);
    IntSupplier anybody = () -> CULPRITS_CUSTOMERS + random.nextInt(accounts - CULPRITS_CUSTOMERS);
    Supplier<Operation> fromOne = () -> Bank.transfer(payer(), anybody.getAsInt(), 1);
    Supplier<Operation> between = () -> Bank.transfer(anybody.getAsInt(), anybody.getAsInt(), 1);
    assertProven("the fullest batch of single payments", bank, bank.overdrawAtTheEndOf(1, between));
    assertProven("one to as many as fit", bank, bank.overdrawInOneOf(fromOne));
    assertProven("as many between as many as fit", bank, bank.overdrawInOneOf(between));
    assertProven(
        "as many as fit between two",
        bank,
        bank.overdrawInOneOf(() -> Bank.transfer(payer(), payer() + 1, 1)));
    assertProven("batches of ten", bank, bank.overdrawAtTheEndOf(10, between));
    assertProven(
        "200 transfers between 400, which nobody may log", bank, bank.execute(200, between));
    assertProven("a batch too full", bank, bank.overfill(between));
    // Last, because the log goes on from the lie.
    assertProven(
        "as many credits as one RECEIVE may have", bank, bank.lieAboutCredits(60, anybody));
  }

  private static int payer() {
    return CULPRITS_CUSTOMERS - 3;
  }

  private static void assertProven(String what, Bank bank, Bytes evidence) {
    EvidenceVerifier verifier =
        new EvidenceVerifier(bank.network.genesis(), Map.of(bank.honest.id(), bank.honest));
    long best = Long.MAX_VALUE;
    for (int round = 0; round < 20; round++) {
      long start = System.nanoTime();
      Verification verdict = verifier.verify(evidence);
      best = Math.min(best, System.nanoTime() - start);
      Verification.Proven proven =
          assertInstanceOf(Verification.Proven.class, verdict, verdict::toString);
      assertEquals(FaultKind.INVALID_TRANSITION, proven.evidence().faultId().kind());
      assertEquals(CULPRIT, proven.evidence().accused());
    }
    long bestMillis = best / 1_000_000;
    System.out.printf(
        "fault in %s: evidence of %,d bytes, log of %,d entries, verified in %d ms%n",
        what, evidence.size(), bank.log.size(), bestMillis);
    assertTrue(
        evidence.size() <= MAX_EVIDENCE_BYTES, () -> what + ": " + evidence.size() + " bytes");
    assertTrue(bestMillis < MAX_MILLIS, what + ": verified in " + bestMillis + " ms");
  }

  /** The culprit with its log. */
  private static final class Bank {
    private final Program honest = new LedgerProgram();
    private final AtomicBoolean cheating = new AtomicBoolean();
    private final Program generous = new LyingProgram(honest, Lie.OVERDRAFT, cheating::get);
    private final TestNetwork network =
        TestNetwork.of(
            Parameters.of(1, 2),
            honest.id(),
            Fixture.parameters(BANKS).encode(),
            BANKS.toArray(String[]::new));
    private final ByzantineLog log =
        new ByzantineLog(network, new Machine(network.genesis(), network.node(CULPRIT), generous));
    private final Signer owner = Signer.of(TestKeys.named("owner"));
    private long ids;
    private int overdrawn;

    Bank() {
      log.genesis().tick(TestNetwork.FOUNDED_MILLIS + 1).endState();
    }

    void open(int accounts) {
      // As many owners as an account can have: the longest rows.
      List<Bytes> owners = new ArrayList<>();
      owners.add(owner.publicKey().toBytes());
      for (int i = 1; i < KeyPolicy.MAX_KEYS; i++) {
        owners.add(TestKeys.named("co-owner " + i).publicKey().toBytes());
      }
      KeyPolicy policy = KeyPolicy.of(1, owners);
      List<Operation> operations = new ArrayList<>();
      for (int i = 0; i < accounts; i++) {
        operations.add(
            new Operation.OpenAccount(
                account(i), CZK.id(), policy, AccountFlags.DEBITS_MUST_NOT_EXCEED_CREDITS));
        operations.add(
            new Operation.Issue(CZK.id(), account(i), Amount.of(1_000), References.NONE));
      }
      List<Signer> signers =
          List.of(
              Signer.of(TestKeys.named(operator(CULPRIT))), Signer.of(TestKeys.named("issuer")));
      for (List<Operation> part :
          TransactionDraft.split(operations, OPENINGS_PER_TRANSACTION, signers.size())) {
        submit(signers, part);
        log.endState();
      }
    }

    /** With empty batches, which are valid and cheap, and the ids that transactions would leave. */
    void growLogTo(int entries) {
      for (int i = 0; i < entries; i++) {
        // All with the deadline of the batch to come: nowhere do its ids share less of their paths.
        Machine.system(log.state())
            .remember(
                Transaction.clientId(DEADLINE, Long.MAX_VALUE - i),
                Bytes.EMPTY,
                new SystemState.Remembered(ANYTHING, i));
      }
      while (log.size() < entries) {
        log.endState();
      }
      cheating.set(true);
    }

    /**
     * A batch of transactions of so many innocent operations each, as many as its bound allows, and
     * an overdraft in the last; returns what a witness makes of it.
     */
    Bytes overdrawAtTheEndOf(int operations, Supplier<Operation> innocent) {
      long before = log.size() - 1;
      Statement overdraft = sign(List.of(overdraft()));
      long room = SystemRules.MAX_FOOTPRINT_BYTES - footprint(overdraft);
      for (int entries = 3; entries < 32; entries++) {
        List<Operation> part = new ArrayList<>();
        for (int i = 0; i < operations; i++) {
          part.add(innocent.get());
        }
        Statement statement = sign(part);
        room -= footprint(statement);
        if (room < 0) {
          break;
        }
        log.transaction(statement);
      }
      log.transaction(overdraft);
      log.endState();
      return audit(before);
    }

    /** One transaction of as many operations as fit, of which all but the last are innocent. */
    Bytes overdrawInOneOf(Supplier<Operation> innocent) {
      List<Operation> operations = new ArrayList<>();
      operations.add(overdraft());
      while (operations.size() < TransactionBody.MAX_OPERATIONS) {
        operations.add(0, innocent.get());
        if (TransactionDraft.split(operations, TransactionBody.MAX_OPERATIONS, 1).size() > 1) {
          operations.remove(0);
          break;
        }
      }
      return overdrawWith(operations);
    }

    /** One transaction of so many operations, logged as executed. */
    Bytes execute(int size, Supplier<Operation> operation) {
      List<Operation> operations = new ArrayList<>();
      for (int i = 0; i < size; i++) {
        operations.add(operation.get());
      }
      long before = log.size() - 1;
      Bytes accepted = new Outcome.Accepted(List.of()).encode();
      log.body(
          new TransactionEntry(
              sign(operations).encoded(), TransactionOutcome.executed(accepted).encode()));
      log.endState();
      return audit(before);
    }

    private Bytes overdrawWith(List<Operation> operations) {
      long before = log.size() - 1;
      log.transaction(sign(operations));
      log.endState();
      return audit(before);
    }

    /** More inputs than the bound of a batch allows, each of them in order. */
    Bytes overfill(Supplier<Operation> innocent) {
      long before = log.size() - 1;
      for (int i = 0; i < 30; i++) {
        log.transaction(sign(List.of(innocent.get(), innocent.get())));
      }
      log.endState();
      return audit(before);
    }

    private Operation overdraft() {
      overdrawn += 2;
      return transfer(overdrawn - 2, overdrawn - 1, 1_000_000);
    }

    private long footprint(Statement statement) {
      try {
        StatementVerifier statements =
            new StatementVerifier(SignatureRule.fastest(), network.genesis().networkId());
        VerifiedStatement verified = statements.verify(statement.encoded(), Transaction.TYP);
        return new Machine(network.genesis(), network.node(CULPRIT), honest)
            .footprints()
            .of(verified, Transaction.decode(verified.payload()));
      } catch (DecodeException e) {
        throw new AssertionError(e);
      }
    }

    /** A peer's customer pays our customers, as many as go into one envelope; the root is a lie. */
    Bytes lieAboutCredits(int credits, IntSupplier anybody) {
      ByzantineLog peer =
          new ByzantineLog(network, new Machine(network.genesis(), network.node("beta"), honest));
      peer.genesis().tick(TestNetwork.FOUNDED_MILLIS + 1);
      List<Signer> opening =
          List.of(Signer.of(TestKeys.named(operator("beta"))), Signer.of(TestKeys.named("issuer")));
      AccountId rich = account(0);
      submit(
          peer,
          "beta",
          opening,
          List.of(
              new Operation.OpenAccount(
                  rich, CZK.id(), KeyPolicy.single(owner.publicKey()), AccountFlags.NONE)));
      List<Operation> payments = new ArrayList<>();
      for (int j = 0; j < credits; j++) {
        payments.add(
            new Operation.Remit(
                rich, CULPRIT, account(anybody.getAsInt()), Amount.ONE, References.NONE));
      }
      submit(peer, "beta", List.of(owner), payments);
      peer.endState();
      long before = log.size() - 1;
      log.receive(peer.envelope(peer.sends().get(0)));
      log.endState(ANYTHING);
      return audit(before);
    }

    static Operation transfer(int payer, int payee, long amount) {
      return new Operation.Transfer(
          account(payer),
          account(payee == payer ? payee - 1 : payee),
          Amount.of(amount),
          References.NONE);
    }

    private Bytes audit(long lastGoodState) {
      StatementVerifier statements =
          new StatementVerifier(SignatureRule.fastest(), network.genesis().networkId());
      ConformanceAudit audit =
          ConformanceAudit.resume(
              new Machine(network.genesis(), network.node(CULPRIT), honest),
              decoded(log.entry(lastGoodState)),
              log.stateAfter(lastGoodState));
      for (long index = lastGoodState + 1; index < log.size(); index++) {
        audit.feed(Replay.prepare(log.entry(index), CULPRIT, statements));
      }
      Finding finding = audit.finding().orElseThrow();
      EvidenceVerifier verifier =
          new EvidenceVerifier(network.genesis(), Map.of(honest.id(), honest));
      return finding.prove(log.checkpoint(), log, verifier).evidence().orElseThrow().encoded();
    }

    private static Entry decoded(Bytes entry) {
      try {
        return Entry.decode(entry);
      } catch (DecodeException e) {
        throw new AssertionError(e);
      }
    }

    private void submit(List<Signer> signers, List<Operation> operations) {
      submit(log, CULPRIT, signers, operations);
    }

    /** By the first payer's account: the cheapest submitter, so most fit a batch. */
    private Statement sign(List<Operation> operations) {
      AccountId payer = ((Operation.Transfer) operations.get(0)).payer();
      return new TransactionDraft(network.genesis().networkId(), CULPRIT, Submitter.account(payer))
          .addAll(operations)
          .sign(Transaction.clientId(DEADLINE, ids++), List.of(owner));
    }

    private void submit(
        ByzantineLog to, String node, List<Signer> signers, List<Operation> operations) {
      Bytes id = Transaction.clientId(DEADLINE, ids++);
      to.transaction(
          new TransactionDraft(
                  network.genesis().networkId(), node, Submitter.key(signers.get(0).publicKey()))
              .addAll(operations)
              .sign(id, signers));
    }

    private static AccountId account(int number) {
      return AccountId.named("customer " + number);
    }
  }
}
