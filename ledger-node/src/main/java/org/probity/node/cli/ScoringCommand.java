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
import picocli.CommandLine.Parameters;

/** {@code scoring}: whom a model would like to be audited first. */
@Command(
    name = "scoring",
    description = {
      "Shows whom a model would like to be audited first.",
      "Advice, not evidence: a score changes when a log is replayed, never whether."
    })
final class ScoringCommand {
  private final Terminal terminal;

  ScoringCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Command(
      name = "rank",
      description = {
        "Ranks the other nodes by a node's scores, with up to three reasons each.",
        "LANE says why a log was last replayed: its turn had come (floor) or its score was high.",
        AuditWords.ADVICE
      })
  void rank(@Mixin Target target) {
    JsonNode scoring = target.api(terminal).getJson("/v1/scoring");
    terminal.result(scoring, text(scoring));
  }

  @Command(
      name = "explain",
      description = {
        "Explains a peer's score: which features move it, and what it had to do with when the",
        "peer's log was replayed.",
        AuditWords.ADVICE
      })
  void explain(
      @Mixin Target target,
      @Parameters(paramLabel = "PEER", description = "The node whose score it is.") String peer) {
    NodeApi api = target.api(terminal);
    ObjectNode explained =
        explanation(
            api.getJson("/v1/status").path("node").asText(),
            peer,
            api.getJson("/v1/scoring"),
            api.getJson("/v1/schedule"));
    terminal.result(explained, explanation(explained));
  }

  static String text(JsonNode scoring) {
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    for (JsonNode peer : scoring.path("peers")) {
      String reasons = AuditWords.reasons(peer);
      rows.addObject()
          .put("node", peer.path("node").asText())
          .put("score", peer.path("score").isNull() ? "-" : AuditWords.number(peer.path("score")))
          .put("lane", peer.path("lane").asText().isEmpty() ? "-" : peer.path("lane").asText())
          .put("reasons", reasons.isEmpty() ? "-" : reasons);
    }
    return Table.render(rows) + state(scoring) + "\n" + AuditWords.ADVICE;
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

  /** All that an observer's scores and schedule say of one peer. */
  static ObjectNode explanation(String by, String peer, JsonNode scoring, JsonNode schedule) {
    ObjectNode explained =
        JsonNodeFactory.instance
            .objectNode()
            .put("meaning", scoring.path("meaning").asText())
            .put("by", by)
            .put("enabled", scoring.path("enabled").asBoolean())
            .put("trained", scoring.path("trained").asBoolean())
            .put("rows", scoring.path("rows").asInt());
    int rank = 0;
    for (JsonNode scored : scoring.path("peers")) {
      rank++;
      if (scored.path("node").asText().equals(peer)) {
        explained.setAll((ObjectNode) scored);
        explained.put("rank", rank);
      }
    }
    if (!explained.has("rank")) {
      throw CliException.usage(by + " scores no node " + peer);
    }
    explained
        .put("of", rank)
        .put("scoreThreshold", schedule.path("scoreThreshold").asDouble())
        .put("boundRounds", schedule.path("boundRounds").asLong())
        .put("witnessed", false)
        .putArray("turns");
    for (JsonNode ward : schedule.path("wards")) {
      if (ward.path("node").asText().equals(peer)) {
        explained.put("witnessed", true).set("turns", ward.path("turns"));
      }
    }
    return explained;
  }

  /** For people. */
  static String explanation(JsonNode explained) {
    List<String> lines = new ArrayList<>();
    String by = explained.path("by").asText();
    String peer = explained.path("node").asText();
    if (explained.path("score").isNull()) {
      lines.add(state(explained));
    } else {
      lines.add(
          String.format(
              Locale.ROOT,
              "%s gives %s a score of %s of 20, place %d of %d; the score lane begins above %s.",
              by,
              peer,
              AuditWords.number(explained.path("score")),
              explained.path("rank").asInt(),
              explained.path("of").asInt(),
              AuditWords.number(explained.path("scoreThreshold"))));
      List<String> models = new ArrayList<>();
      explained
          .path("byModel")
          .fields()
          .forEachRemaining(
              model -> models.add(model.getKey() + " " + AuditWords.number(model.getValue())));
      lines.add("By model, the larger one counts: " + String.join(", ", models) + ".");
      lines.add("What moves it most:");
      lines.add("");
      lines.add(features(explained).stripTrailing());
    }
    lines.add("");
    JsonNode turns = explained.path("turns");
    if (!explained.path("witnessed").asBoolean()) {
      lines.add(by + " does not witness the log of " + peer + ", so it replays nothing of it.");
    } else if (turns.isEmpty()) {
      lines.add("Nothing of its log has been replayed since " + by + " started.");
    } else {
      lines.addAll(AuditWords.turn(by, peer, turns.get(turns.size() - 1), explained));
    }
    lines.add(AuditWords.ADVICE);
    return String.join("\n", lines);
  }

  private static String features(JsonNode explained) {
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    for (JsonNode reason : explained.path("reasons")) {
      rows.addObject()
          .put("feature", reason.path("feature").asText())
          .put(
              "measured",
              reason.path("value").isNull()
                  ? "-"
                  : AuditWords.number(reason.path("value")) + " " + reason.path("unit").asText())
          .put(
              "deviations",
              String.format(Locale.ROOT, "%+.1f", reason.path("normalised").asDouble()))
          .put("contribution", AuditWords.number(reason.path("contribution")));
    }
    return Table.render(rows);
  }
}
