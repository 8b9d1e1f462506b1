package org.probity.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code audit}: what a node has replayed and what is signed about it. */
@Command(name = "audit", description = "Shows how far logs are audited, and who has signed that.")
final class AuditCommand {
  private final Terminal terminal;

  AuditCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Command(
      name = "status",
      description = {
        "Shows how far a node has audited each of its wards, up to where it has signed so, and",
        "what their other witnesses have signed; then who has signed about its own log."
      })
  void status(@Mixin Target target) {
    NodeApi api = target.api(terminal);
    JsonNode audits = api.getJson("/v1/audits");
    JsonNode schedule = api.getJson("/v1/schedule");
    ObjectNode both = JsonNodeFactory.instance.objectNode();
    audits.fields().forEachRemaining(field -> both.set(field.getKey(), field.getValue()));
    both.set("schedule", schedule);
    terminal.result(both, text(both));
  }

  static String text(JsonNode audits) {
    JsonNode schedule = audits.path("schedule");
    ArrayNode wards = JsonNodeFactory.instance.arrayNode();
    audits.path("wards").forEach(ward -> wards.add(row(ward, schedule)));
    return Table.render(wards).stripTrailing()
        + "\n\nAbout its own log: "
        + signers(audits.path("statements"))
        + "\nWhatever the scores are, what has come by now is replayed within "
        + schedule.path("boundRounds").asLong()
        + " rounds. Since the start: "
        + schedule.path("rounds").asLong()
        + " rounds, "
        + schedule.path("floorSlots").asLong()
        + " slots of the floor, "
        + schedule.path("scoreSlots").asLong()
        + " of scores.";
  }

  /** As the schedule has it; nothing of a ward that it does not have yet. */
  private static JsonNode scheduled(String node, JsonNode schedule) {
    for (JsonNode ward : schedule.path("wards")) {
      if (ward.path("node").asText().equals(node)) {
        return ward;
      }
    }
    return JsonNodeFactory.instance.objectNode();
  }

  private static ObjectNode row(JsonNode ward, JsonNode schedule) {
    JsonNode waiting = scheduled(ward.path("node").asText(), schedule);
    ObjectNode row =
        JsonNodeFactory.instance
            .objectNode()
            .put("ward", ward.path("node").asText())
            .put("audited", ward.path("auditedSize").asLong())
            .put("lag", ward.path("lag").asLong())
            .put("waiting", waiting.path("waiting").asLong())
            .put("lane", waiting.path("lane").asText());
    return row.put("signed", ward.path("own").path("toSize").asLong())
        .put("others", signers(ward.path("others")));
  }

  private static String signers(JsonNode statements) {
    List<String> signers = new ArrayList<>();
    statements.forEach(
        statement ->
            signers.add(
                statement.path("auditor").asText() + " " + statement.path("toSize").asLong()));
    return signers.isEmpty() ? "none" : String.join(", ", signers);
  }
}
