package org.probity.ledger.transaction;

import java.util.Set;
import java.util.TreeSet;
import org.probity.detector.codec.Bytes;
import org.probity.ledger.transaction.SettlementMessage.CreditGroup;
import org.probity.ledger.transaction.SettlementMessage.Credits;
import org.probity.ledger.transaction.SettlementMessage.ResultGroup;
import org.probity.ledger.transaction.SettlementMessage.Results;

/**
 * How much of the ledger's state a proof about a transaction or a message discloses at most, in
 * bytes, if there are a million accounts: rows touched times what a row and its path cost. A
 * function of the bytes alone, because whoever judges whether something may be logged has no state.
 *
 * <p>Not thread-safe; one instance per transaction. Cost: one set entry per row.
 */
public final class Footprint implements Operation.Handler<Void> {
  /**
   * An account with {@link KeyPolicy#MAX_KEYS} owners has 360 bytes of key and value; the hashes
   * beside its path among a million, with a hundred such paths sharing the upper part, have 440.
   */
  public static final int ROW_BYTES = 800;

  /** One remittance in the value of a pending group. */
  private static final int REMITTANCE_BYTES = 34;

  /** Settlement, pending group or asset, open SEND. */
  private static final int ROWS_PER_CHANNEL = 3;

  private final Set<String> rows = new TreeSet<>();
  private int bytes;

  /** What these operations cost together with those added before. */
  public Footprint add(Operation operation) {
    operation.accept(this);
    return this;
  }

  /** The bound for everything added so far. */
  public int bytes() {
    return bytes;
  }

  /** All operations of a transaction. */
  public Footprint addAll(TransactionBody body) {
    body.operations().forEach(this::add);
    return this;
  }

  /**
   * Whoever submits: an account is looked at, and for a key the operator's policy. What else a key
   * may be named by is what the operations look at.
   */
  public Footprint submitter(Bytes submitter) {
    if (submitter.size() == AccountId.BYTES) {
      row("account", new AccountId(submitter));
    } else {
      row("operator", "");
    }
    return this;
  }

  /** Of a message of another node, at the node that receives it. */
  public static int of(SettlementMessage message) {
    int groups = 0;
    int remittances = 0;
    if (message instanceof Credits credits) {
      for (CreditGroup group : credits.groups()) {
        groups++;
        remittances += group.credits().size();
      }
    } else if (message instanceof Results results) {
      for (ResultGroup group : results.groups()) {
        groups++;
        remittances += group.codes().size();
      }
    }
    return ofMessage(groups, remittances);
  }

  /** The same bound for credits and for their answer, so that what can be sent can be answered. */
  public static int ofMessage(int groups, int remittances) {
    return groups * ROWS_PER_CHANNEL * ROW_BYTES + remittances * (ROW_BYTES + REMITTANCE_BYTES);
  }

  private void row(String table, Object key) {
    if (rows.add(table + ' ' + key)) {
      bytes += ROW_BYTES;
    }
  }

  @Override
  public Void defineAsset(Operation.DefineAsset operation) {
    row("asset", operation.asset().id());
    row("operator", "");
    return null;
  }

  @Override
  public Void openAccount(Operation.OpenAccount operation) {
    row("asset", operation.asset());
    row("account", operation.account());
    row("operator", "");
    return null;
  }

  @Override
  public Void closeAccount(Operation.CloseAccount operation) {
    row("account", operation.account());
    row("operator", "");
    return null;
  }

  @Override
  public Void freezeAccount(Operation.FreezeAccount operation) {
    accountAndAsset(operation.account());
    return null;
  }

  @Override
  public Void unfreezeAccount(Operation.UnfreezeAccount operation) {
    accountAndAsset(operation.account());
    return null;
  }

  @Override
  public Void issue(Operation.Issue operation) {
    row("asset", operation.asset());
    row("issuance", operation.asset());
    row("account", operation.payee());
    return null;
  }

  @Override
  public Void redeem(Operation.Redeem operation) {
    row("account", operation.payer());
    // Which asset it is only the account can tell.
    row("issuance of", operation.payer());
    return null;
  }

  @Override
  public Void transfer(Operation.Transfer operation) {
    row("account", operation.payer());
    row("account", operation.payee());
    return null;
  }

  @Override
  public Void remit(Operation.Remit operation) {
    row("account", operation.payer());
    // As many channels as assets, and the payers know how many that is.
    if (rows.add("channel " + operation.node() + ' ' + operation.payer())) {
      bytes += ROWS_PER_CHANNEL * ROW_BYTES;
    }
    // The credit is sent on, and fills messages and pending groups, which have rows.
    bytes += Operation.encodedBytes(operation) + REMITTANCE_BYTES + ROW_BYTES / 16;
    return null;
  }

  private void accountAndAsset(AccountId account) {
    row("account", account);
    row("asset of", account);
    row("operator", "");
  }
}
