package org.probity.benchmarks.workload;

import java.util.ArrayList;
import java.util.List;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.Statement;
import org.probity.detector.program.Transaction;
import org.probity.ledger.client.Submitter;
import org.probity.ledger.client.TransactionDraft;
import org.probity.ledger.transaction.AccountFlags;
import org.probity.ledger.transaction.AccountId;
import org.probity.ledger.transaction.Amount;
import org.probity.ledger.transaction.AssetId;
import org.probity.ledger.transaction.KeyPolicy;
import org.probity.ledger.transaction.Operation;
import org.probity.ledger.transaction.References;
import org.probity.ledger.transaction.TransactionBody;

/**
 * The customers of one bank, each with a key and an account, and payments among them. Payment
 * {@code n} is the same whenever it is asked for, so a generator can sign ahead and send again.
 * Thread-safe.
 *
 * <p>Payers and payees are spread evenly by a fixed mixing of the payment's number. Every amount is
 * 1, and every account is issued enough for any run.
 */
public final class TransferWorkload {
  /** Into every account; no run makes so many payments. */
  public static final Amount ISSUED_MINOR = Amount.of(1_000_000_000_000L);

  private static final int SETUP_OPERATIONS = 100;

  /**
   * Of the payments under one signature: what a transaction may touch is bounded, so that a fault
   * in it has a small proof.
   */
  private static final int MAX_PAYEES = 40;

  private final Hash networkId;
  private final String node;
  private final AssetId asset;
  private final List<Signer> owners = new ArrayList<>();
  private final List<AccountId> accounts = new ArrayList<>();

  /** {@code accounts} customers of {@code node}; costs one key generation each. */
  public TransferWorkload(Hash networkId, String node, AssetId asset, int accounts) {
    if (accounts < 2) {
      throw new IllegalArgumentException("payments need at least 2 accounts, not " + accounts);
    }
    this.networkId = networkId;
    this.node = node;
    this.asset = asset;
    for (int i = 0; i < accounts; i++) {
      owners.add(BenchmarkKeys.signer("customer " + i));
      this.accounts.add(AccountId.named("benchmark customer " + i));
    }
  }

  public int accounts() {
    return accounts.size();
  }

  /** Opens every account; to be executed before {@link #funding}. */
  public List<Statement> opening(Signer operator, long notAfterMillis) {
    List<Operation> operations = new ArrayList<>();
    for (int i = 0; i < accounts.size(); i++) {
      operations.add(
          new Operation.OpenAccount(
              accounts.get(i),
              asset,
              KeyPolicy.single(owners.get(i).publicKey().toBytes()),
              AccountFlags.DEBITS_MUST_NOT_EXCEED_CREDITS));
    }
    return setup(operations, operator, notAfterMillis, 0);
  }

  /** Issues {@link #ISSUED_MINOR} into every account. */
  public List<Statement> funding(Signer issuer, long notAfterMillis) {
    List<Operation> operations = new ArrayList<>();
    for (AccountId account : accounts) {
      operations.add(new Operation.Issue(asset, account, ISSUED_MINOR, References.NONE));
    }
    return setup(operations, issuer, notAfterMillis, 1L << 40);
  }

  private List<Statement> setup(
      List<Operation> operations, Signer signer, long notAfterMillis, long firstId) {
    List<Statement> statements = new ArrayList<>();
    long id = firstId;
    for (List<Operation> part : TransactionDraft.split(operations, SETUP_OPERATIONS, 1)) {
      statements.add(sign(part, Submitter.key(signer.publicKey()), signer, notAfterMillis, --id));
    }
    return statements;
  }

  /**
   * Payment {@code number}: one signature of one payer over transfers to so many payees.
   *
   * @param number from 0; also the transaction's id
   */
  public Statement payment(long number, int transfers, long notAfterMillis) {
    int payer = (int) Long.remainderUnsigned(mix(number), accounts.size());
    int payees = transfers == 1 ? accounts.size() - 1 : Math.min(MAX_PAYEES, accounts.size() - 1);
    List<Operation> operations = new ArrayList<>(transfers);
    for (int i = 0; i < transfers; i++) {
      long draw = mix(~(number * TransactionBody.MAX_OPERATIONS + i));
      int distance = 1 + (int) Long.remainderUnsigned(draw, payees);
      int payee = (payer + distance) % accounts.size();
      operations.add(
          new Operation.Transfer(
              accounts.get(payer), accounts.get(payee), Amount.of(1), References.NONE));
    }
    return sign(
        operations,
        Submitter.account(accounts.get(payer)),
        owners.get(payer),
        notAfterMillis,
        number);
  }

  private Statement sign(
      List<Operation> operations,
      Submitter submitter,
      Signer signer,
      long notAfterMillis,
      long id) {
    Bytes clientId = Transaction.clientId(notAfterMillis, id);
    return new TransactionDraft(networkId, node, submitter)
        .addAll(operations)
        .sign(clientId, List.of(signer));
  }

  /** SplitMix64's finaliser: spreads consecutive numbers over all 64 bits. */
  private static long mix(long number) {
    long z = number + 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
