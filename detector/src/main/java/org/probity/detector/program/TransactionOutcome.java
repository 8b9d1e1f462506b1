package org.probity.detector.program;

import java.util.Locale;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;

/**
 * What became of a transaction, as its TRANSACTION entry records it: {@code [status, detail]}.
 *
 * @param detail the program's outcome if {@link Status#EXECUTED}, else empty
 */
public record TransactionOutcome(Status status, Bytes detail) {

  /** In the order in which the rules are applied; the number is the wire format. */
  public enum Status {
    /** The program ran; its own outcome says how it went. */
    EXECUTED(0, "executed"),
    EXPIRED(1, "ledger time is past the transaction's deadline: sign it again with a later one"),
    NOT_AFTER_TOO_FAR(
        2,
        "the transaction's deadline is further ahead than the consortium's horizon allows: sign it"
            + " again with an earlier one"),
    UNAUTHORISED(
        3,
        "the signers may not act for the submitter, or it has no part in what the transaction"
            + " touches on this node: submit and sign it as somebody who has"),
    ID_EXISTS_WITH_DIFFERENT_CONTENT(
        4, "the transaction's id was used for another transaction: sign it again with a new id"),
    /** The first entry has its outcome. */
    ALREADY_RECORDED(5, "this very transaction is recorded already, see its first entry"),
    /** {@link Program#MAX_OUTCOME_BYTES}; nothing happened. */
    OUTCOME_TOO_LONG(6, "the outcome is too long to be recorded: split the transaction"),
    /** {@link Program#transactionFootprint}; nothing was executed. */
    FOOTPRINT_TOO_LARGE(
        7,
        "the transaction touches so much of the state that a proof about it could be too large:"
            + " split it"),
    /** Nothing is executed on a node that a decision has stopped. */
    NODE_STOPPED(
        8,
        "the consortium has suspended or revoked this node: it executes nothing until readmitted");

    private static final Status[] BY_CODE = values();

    private final int code;
    private final String meaning;

    Status(int code, String meaning) {
      this.code = code;
      this.meaning = meaning;
    }

    public int code() {
      return code;
    }

    /** The stable code in texts. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** For people: what it means, and the remedy where there is one. */
    public String meaning() {
      return meaning;
    }
  }

  public static TransactionOutcome executed(Bytes detail) {
    return new TransactionOutcome(Status.EXECUTED, detail);
  }

  public static TransactionOutcome refused(Status status) {
    return new TransactionOutcome(status, Bytes.EMPTY);
  }

  public Bytes encode() {
    return new CborWriter().array(2).uint(status.code()).bytes(detail).toBytes();
  }

  public static TransactionOutcome decode(Bytes encoded) throws DecodeException {
    CborReader in = new CborReader(encoded);
    in.arrayHeader(2);
    long code = in.uint();
    Bytes detail = in.bytesUpTo(encoded.size());
    in.end();
    if (code >= Status.BY_CODE.length) {
      throw new DecodeException("unknown_status", "no transaction status " + code);
    }
    return new TransactionOutcome(Status.BY_CODE[(int) code], detail);
  }
}
