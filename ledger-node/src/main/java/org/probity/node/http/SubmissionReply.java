package org.probity.node.http;

import java.util.Optional;
import org.probity.detector.codec.Bytes;

/**
 * What became of one submitted statement: exactly one of the two parts is present.
 *
 * @param statementId empty when the bytes are no statement
 * @param recorded it is durable in the log, with success or failure as its outcome
 * @param refused it was not logged
 */
public record SubmissionReply(
    Bytes statementId, Optional<RecordedTransaction> recorded, Optional<Refusal> refused) {

  /**
   * Why a statement was not logged.
   *
   * @param code stable, lower_snake
   * @param message for people
   */
  public record Refusal(String code, String message) {}

  public static SubmissionReply recorded(Bytes statementId, RecordedTransaction transaction) {
    return new SubmissionReply(statementId, Optional.of(transaction), Optional.empty());
  }

  public static SubmissionReply refused(Bytes statementId, String code, String message) {
    return new SubmissionReply(
        statementId, Optional.empty(), Optional.of(new Refusal(code, message)));
  }
}
