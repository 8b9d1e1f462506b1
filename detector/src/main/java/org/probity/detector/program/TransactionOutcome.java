package org.probity.detector.program;

import java.util.Arrays;
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
    EXECUTED(0),
    /** Ledger time is past the deadline in the client id. */
    EXPIRED(1),
    /** The deadline lies further ahead than the consortium's horizon. */
    NOT_AFTER_TOO_FAR(2),
    /** The signers may not act for the submitter. */
    UNAUTHORISED(3),
    /** This id was used for something else: {@code id_exists_with_different_content}. */
    ID_EXISTS_WITH_DIFFERENT_CONTENT(4),
    /** This very transaction is in the log already; the first entry has its outcome. */
    ALREADY_RECORDED(5),
    /** The program's outcome is longer than {@link Program#MAX_OUTCOME_BYTES}; nothing happened. */
    OUTCOME_TOO_LONG(6),
    /** A proof about it could exceed its bound ({@link Program#transactionFootprint}): split it. */
    FOOTPRINT_TOO_LARGE(7);

    private final int code;

    Status(int code) {
      this.code = code;
    }

    public int code() {
      return code;
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
    Status status =
        Arrays.stream(Status.values())
            .filter(candidate -> candidate.code() == code)
            .findFirst()
            .orElseThrow(
                () -> new DecodeException("unknown_status", "no transaction status " + code));
    return new TransactionOutcome(status, detail);
  }
}
