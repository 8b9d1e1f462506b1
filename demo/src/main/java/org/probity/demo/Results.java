package org.probity.demo;

import com.fasterxml.jackson.databind.JsonNode;

/** Reads what a node answers to a submission. */
final class Results {
  static final String OK = "ok";

  private Results() {}

  /** {@link #OK}, or the stable code of why nothing of the transaction stands. */
  static String code(JsonNode reply) {
    JsonNode refused = reply.path("refused");
    if (refused.isObject()) {
      return refused.path("code").asText();
    }
    JsonNode outcome = reply.path("outcome");
    return outcome.path("code").asText(outcome.path("status").asText("unknown"));
  }
}
