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
    JsonNode audits = target.api(terminal).getJson("/v1/audits");
    terminal.result(audits, text(audits));
  }

  private static String text(JsonNode audits) {
    ArrayNode wards = JsonNodeFactory.instance.arrayNode();
    audits.path("wards").forEach(ward -> wards.add(row(ward)));
    return Table.render(wards).stripTrailing()
        + "\n\nAbout its own log: "
        + signers(audits.path("statements"));
  }

  private static ObjectNode row(JsonNode ward) {
    ObjectNode row =
        JsonNodeFactory.instance
            .objectNode()
            .put("ward", ward.path("node").asText())
            .put("audited", ward.path("auditedSize").asLong())
            .put("lag", ward.path("lag").asLong());
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
