package org.probity.node.http.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What became of one statement of a bulk: it is in the log with an outcome, or it was refused.
 *
 * @param statementId lower-case hex
 * @param index of its entry in the node's log, if recorded
 * @param outcome the ledger's words: {@code status}, {@code code} and more, if recorded
 * @param refusedCode why it was not recorded
 */
public record SubmissionResult(
    String statementId,
    OptionalLong index,
    Optional<JsonNode> outcome,
    Optional<String> refusedCode) {

  static SubmissionResult of(JsonNode json) {
    return new SubmissionResult(
        json.path("statementId").asText(),
        json.path("index").isIntegralNumber()
            ? OptionalLong.of(json.get("index").longValue())
            : OptionalLong.empty(),
        json.has("outcome") ? Optional.of(json.get("outcome")) : Optional.empty(),
        json.has("refused")
            ? Optional.of(json.get("refused").path("code").asText())
            : Optional.empty());
  }

  /** Whether the transaction is recorded and did what it says. */
  public boolean accepted() {
    return outcome.filter(json -> json.path("status").asText().equals("executed")).isPresent();
  }

  /** The outcome's or the refusal's code. */
  public String code() {
    return refusedCode.orElseGet(
        () -> outcome.map(json -> json.path("code").asText()).orElse("unknown"));
  }
}
