package org.probity.detector.commitment;

import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.crypto.VerifiedStatement;
import org.probity.detector.log.TransactionEntry;
import org.probity.detector.program.Transaction;

/**
 * What bytes may be logged as a client transaction: at most 32 KiB, well-formed, signed, for this
 * consortium and this node (protocol.md §3.2, §3.3). Needs no state, so it is checked on many
 * threads before the core sees it, and a log that breaks it is convicted by the entry alone.
 */
public final class TransactionRule {
  public static final int MAX_STATEMENT_BYTES = TransactionEntry.MAX_STATEMENT_BYTES;

  private TransactionRule() {}

  /** A transaction that may be logged on {@code node}. Made by {@link #check} only. Immutable. */
  public static final class Checked {
    private final VerifiedStatement statement;
    private final Transaction transaction;

    private Checked(VerifiedStatement statement, Transaction transaction) {
      this.statement = statement;
      this.transaction = transaction;
    }

    public VerifiedStatement statement() {
      return statement;
    }

    public Transaction transaction() {
      return transaction;
    }
  }

  /** Either a transaction fit for the log or the reason why not. */
  public record Outcome(Optional<Checked> checked, Optional<Violation> violation) {}

  /** Cost: one signature verification per signer. */
  public static Outcome check(Bytes encoded, String node, StatementVerifier verifier) {
    if (encoded.size() > MAX_STATEMENT_BYTES) {
      return refused(
          "transaction_too_large",
          "a transaction has at most " + MAX_STATEMENT_BYTES + " bytes; split it");
    }
    try {
      VerifiedStatement statement = verifier.verify(encoded, Transaction.TYP);
      Transaction transaction = Transaction.decode(statement.payload());
      if (!transaction.node().equals(node)) {
        return refused(
            "wrong_audience", "signed for node " + transaction.node() + ", this is " + node);
      }
      return new Outcome(Optional.of(new Checked(statement, transaction)), Optional.empty());
    } catch (DecodeException e) {
      return refused(e.code(), String.valueOf(e.getMessage()));
    }
  }

  private static Outcome refused(String code, String message) {
    return new Outcome(Optional.empty(), Optional.of(Violation.entry(code, message)));
  }
}
