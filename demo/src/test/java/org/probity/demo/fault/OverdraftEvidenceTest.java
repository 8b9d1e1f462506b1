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
import org.probity.detector.codec.Uint128;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.Replay;
import org.probity.detector.commitment.SystemState;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.crypto.TestKeys;
import org.probity.detector.evidence.ByzantineLog;
import org.probity.detector.evidence.EvidenceVerifier;
import org.probity.detector.evidence.FaultKind;
import org.probity.detector.evidence.Verification;
import org.probity.detector.governance.Parameters;
import org.probity.detector.log.Entry;
import org.probity.detector.node.TestNetwork;
import org.probity.detector.program.Program;
import org.probity.detector.program.Transaction;
import org.probity.ledger.Fixture;
import org.probity.ledger.client.Submitter;
import org.probity.ledger.client.TransactionDraft;
import org.probity.ledger.program.LedgerProgram;
import org.probity.ledger.transaction.AccountFlags;
import org.probity.ledger.transaction.AccountId;
import org.probity.ledger.transaction.KeyPolicy;
import org.probity.ledger.transaction.Operation;
import org.probity.ledger.transaction.References;
import org.probity.ledger.transaction.TransactionBody;

/**
 * A bank lets a customer remit money it does not have, in the middle of a full batch of other
 * people's payments. What proves it stays small however long the log and however many the accounts;
 * what proves it of a transaction of many payments grows with these, to limits that hold too.
 */
class OverdraftEvidenceTest {
  private static final List<String> BANKS = List.of("alpha", "beta", "gamma", "delta");
  private static final String CULPRIT = "alpha";
  private static final int OPENINGS_PER_TRANSACTION = 300;

  /** K = 32 entries: 29 transactions, the remittance, its SEND and the STATE. */
  private static final int INNOCENT_PAYMENTS = 29;

  private static final long DEADLINE = TestNetwork.FOUNDED_MILLIS + 60_000_000;
  private static final Hash ANYTHING = Hash.sha256();

  private static final int MAX_EVIDENCE_BYTES = 64 << 10;

  /**
   * About a batch that is one transaction, which cannot be split: in proportion to its accounts.
   */
  private static final int MAX_BULK_BYTES = 640 << 10;

  /** Of work on a warm machine: the best of many, which other work beside it hardly touches. */
  private static final long MAX_MILLIS = 50;

  /** Numbered from 0; nobody else pays them or is paid by them in bulk. */
  private static final int CULPRITS_CUSTOMERS = 8;

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
    assertProven("full batch", MAX_EVIDENCE_BYTES, bank, bank.overdraw(accounts));
    SplittableRandom random = new SplittableRandom(entries);
    IntSupplier anybody = () -> CULPRITS_CUSTOMERS + random.nextInt(accounts - CULPRITS_CUSTOMERS);
    int payer = anybody.getAsInt();
    assertProven(
        "200 transfers from one account",
        128 << 10,
        bank,
        bank.overdrawAtTheEndOf(200, () -> Bank.transfer(payer, anybody.getAsInt(), 1)));
    assertProven(
        "200 transfers between 400 accounts",
        256 << 10,
        bank,
        bank.overdrawAtTheEndOf(
            200, () -> Bank.transfer(anybody.getAsInt(), anybody.getAsInt(), 1)));
    assertProven(
        "512 transfers between 1,024 accounts, the largest transaction",
        MAX_BULK_BYTES,
        bank,
        bank.overdrawAtTheEndOf(
            TransactionBody.MAX_OPERATIONS,
            () -> Bank.transfer(anybody.getAsInt(), anybody.getAsInt(), 1)));
    assertProven(
        "credits to 800 accounts in one RECEIVE",
        MAX_BULK_BYTES,
        bank,
        bank.lieAboutCredits(2, 400, anybody));
  }

  private static void assertProven(String what, int maxBytes, Bank bank, Bytes evidence) {
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
        "fault in %s: evidence of %,d bytes (limit %,d), log of %,d entries, verified in %d ms%n",
        what, evidence.size(), maxBytes, bank.log.size(), bestMillis);
    assertTrue(evidence.size() <= maxBytes, () -> what + ": " + evidence.size() + " bytes");
    assertTrue(bestMillis < MAX_MILLIS, what + ": verified in " + bestMillis + " ms");
  }

  /** The culprit with its log. */
  private static final class Bank {
    private final Program honest = new LedgerProgram();
    private final AtomicBoolean cheating = new AtomicBoolean();
    private final Program generous = new OverdraftProgram(honest, cheating::get);
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
      KeyPolicy policy = KeyPolicy.single(owner.publicKey());
      List<Operation> operations = new ArrayList<>();
      for (int i = 0; i < accounts; i++) {
        operations.add(
            new Operation.OpenAccount(
                account(i), CZK.id(), policy, AccountFlags.DEBITS_MUST_NOT_EXCEED_CREDITS));
        operations.add(
            new Operation.Issue(CZK.id(), account(i), Uint128.of(1_000), References.NONE));
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
    }

    /** Returns what a witness makes of the batch. */
    Bytes overdraw(int accounts) {
      SplittableRandom random = new SplittableRandom(accounts);
      long before = log.size() - 1;
      for (int i = 0; i < INNOCENT_PAYMENTS; i++) {
        int payer = random.nextInt(accounts);
        int payee = (payer + 1 + random.nextInt(accounts - 1)) % accounts;
        submit(
            List.of(owner),
            List.of(
                new Operation.Transfer(
                    account(payer), account(payee), Uint128.ONE, References.NONE)));
      }
      cheating.set(true);
      submit(
          List.of(owner),
          List.of(
              new Operation.Remit(
                  account(CULPRITS_CUSTOMERS - 1),
                  "beta",
                  account(0),
                  Uint128.of(1_000_000),
                  References.endToEnd("INVOICE-1"))));
      log.endState();
      assertEquals(32, log.size() - 1 - before, "a full batch");
      return audit(before);
    }

    /** One transaction, of which all but the last operation are innocent. */
    Bytes overdrawAtTheEndOf(int size, Supplier<Operation> innocent) {
      long before = log.size() - 1;
      List<Operation> operations = new ArrayList<>();
      for (int i = 0; i < size - 1; i++) {
        operations.add(innocent.get());
      }
      operations.add(transfer(overdrawn, overdrawn + 1, 1_000_000));
      overdrawn += 2;
      submit(List.of(owner), operations);
      log.endState();
      return audit(before);
    }

    /** A peer's customer pays our customers, as many as go into one envelope; the root is a lie. */
    Bytes lieAboutCredits(int transactions, int credits, IntSupplier anybody) {
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
      for (int i = 0; i < transactions; i++) {
        List<Operation> payments = new ArrayList<>();
        for (int j = 0; j < credits; j++) {
          payments.add(
              new Operation.Remit(
                  rich, CULPRIT, account(anybody.getAsInt()), Uint128.ONE, References.NONE));
        }
        submit(peer, "beta", List.of(owner), payments);
      }
      peer.endState();
      long before = log.size() - 1;
      log.receive(peer.envelope(peer.sends().stream().mapToLong(Long::longValue).toArray()));
      log.endState(ANYTHING);
      return audit(before);
    }

    static Operation transfer(int payer, int payee, long amount) {
      return new Operation.Transfer(
          account(payer),
          account(payee == payer ? payee - 1 : payee),
          Uint128.of(amount),
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
