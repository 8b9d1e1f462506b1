package org.probity.detector.log;

import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;

/**
 * A client's signed statement, byte for byte, and what executing it gave. The log does not look
 * into either: the statement is COSE (protocol §3.2), the outcome belongs to the program.
 *
 * <pre>{@code body = [statement: bstr .size (0..32768), outcome: bstr]}</pre>
 */
public record TransactionEntry(Bytes statement, Bytes outcome) implements EntryBody {
  /** SPEC protocol.md §3.3. */
  public static final int MAX_STATEMENT_BYTES = 32 * 1024;

  public TransactionEntry {
    EntryFields.requireAtMost(statement, MAX_STATEMENT_BYTES, "statement");
  }

  static TransactionEntry read(CborReader in) throws DecodeException {
    in.arrayHeader(2);
    return new TransactionEntry(
        EntryFields.bytesUpTo(in, MAX_STATEMENT_BYTES, "transaction_too_large"), in.bytes());
  }

  @Override
  public EntryType type() {
    return EntryType.TRANSACTION;
  }

  @Override
  public void writeTo(CborWriter out) {
    out.array(2).bytes(statement).bytes(outcome);
  }

  @Override
  public <R> R handle(Handler<R> handler) {
    return handler.transaction(this);
  }
}
