package org.probity.ledger.client;

import java.util.List;
import java.util.OptionalInt;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.program.TransactionOutcome;
import org.probity.ledger.transaction.Outcome;
import org.probity.ledger.transaction.ResultCode;

/**
 * What became of a transaction, in one list of stable codes: those of the node that recorded it
 * ({@code expired}, {@code id_exists_with_different_content}, ...) and those of the ledger ({@code
 * insufficient_funds}, ...).
 *
 * @param code {@code ok} if all operations stand, else why none does
 * @param message one sentence for people
 * @param operation which operation failed, counted from 0, if it was one
 * @param remitted what left for other nodes
 */
public record TransactionResult(
    String code, String message, OptionalInt operation, List<Outcome.Remitted> remitted) {
  public TransactionResult {
    remitted = List.copyOf(remitted);
  }

  public boolean accepted() {
    return code.equals(ResultCode.OK.label());
  }

  /** Reads the outcome of a TRANSACTION entry. */
  public static TransactionResult decode(Bytes entryOutcome) throws DecodeException {
    TransactionOutcome recorded = TransactionOutcome.decode(entryOutcome);
    if (recorded.status() != TransactionOutcome.Status.EXECUTED) {
      return new TransactionResult(
          recorded.status().label(), recorded.status().meaning(), OptionalInt.empty(), List.of());
    }
    return of(Outcome.decode(recorded.detail()));
  }

  /** The ledger's own part. */
  public static TransactionResult of(Outcome outcome) {
    OptionalInt operation = OptionalInt.empty();
    List<Outcome.Remitted> remitted = List.of();
    if (outcome instanceof Outcome.Failed failed) {
      operation = OptionalInt.of(failed.operation());
    } else if (outcome instanceof Outcome.Accepted accepted) {
      remitted = accepted.remitted();
    }
    return new TransactionResult(
        outcome.code().label(), outcome.code().meaning(), operation, remitted);
  }
}
