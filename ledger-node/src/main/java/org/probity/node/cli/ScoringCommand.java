package org.probity.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code scoring}: whom a model would like to be audited first. */
@Command(
    name = "scoring",
    description = {
      "Shows whom a model would like to be audited first.",
      "Advice, not evidence: a score changes when a log is replayed, never whether."
    })
final class ScoringCommand {
  private static final String ADVICE =
      "Advice, not evidence: a score changes when a log is replayed, never whether.";

  private final Terminal terminal;

  ScoringCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Command(
      name = "rank",
      description = {
        "Ranks the other nodes by a node's scores, with up to three reasons each.",
        "LANE says why a log was last replayed: its turn had come (floor) or its score was high.",
        ADVICE
      })
  void rank(@Mixin Target target) {
    JsonNode scoring = target.api(terminal).getJson("/v1/scoring");
    terminal.result(scoring, text(scoring));
  }

  static String text(JsonNode scoring) {
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    for (JsonNode peer : scoring.path("peers")) {
      ObjectNode row =
          rows.addObject()
              .put("node", peer.path("node").asText())
              .put("score", peer.path("score").isNull() ? "-" : number(peer.path("score")))
              .put("lane", peer.path("lane").asText().isEmpty() ? "-" : peer.path("lane").asText());
      List<String> reasons = new ArrayList<>();
      peer.path("reasons").forEach(reason -> reasons.add(reason(reason)));
      row.put("reasons", reasons.isEmpty() ? "-" : String.join("; ", reasons));
    }
    return Table.render(rows) + state(scoring) + "\n" + ADVICE;
  }

  /** {@code ack_p99 812.50 ms, +9.8 deviations, contributes 41.20}. */
  private static String reason(JsonNode reason) {
    StringBuilder text = new StringBuilder(reason.path("feature").asText());
    if (!reason.path("value").isNull()) {
      text.append(' ').append(number(reason.path("value")));
      text.append(' ').append(reason.path("unit").asText());
    }
    return text.append(
            String.format(
                Locale.ROOT,
                ", %+.1f deviations, contributes %s",
                reason.path("normalised").asDouble(),
                number(reason.path("contribution"))))
        .toString();
  }

  private static String number(JsonNode value) {
    return String.format(Locale.ROOT, "%.2f", value.asDouble());
  }

  private static String state(JsonNode scoring) {
    if (!scoring.path("enabled").asBoolean()) {
      return "Scores are switched off (scoring.enabled): logs are replayed oldest first.";
    }
    return scoring.path("trained").asBoolean()
        ? "The next model is trained on " + scoring.path("rows").asInt() + " measurements."
        : "There is no model yet, so nobody has a score and logs are replayed oldest first; "
            + scoring.path("rows").asInt()
            + " measurements so far.";
  }
}
