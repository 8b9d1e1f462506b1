package org.probity.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.node.http.api.Polling;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code audit}: what a node has replayed and what is signed about it. */
@Command(
    name = "audit",
    description = {
      "Shows how far logs are audited, and who has signed that; has one be audited",
      "before others."
    })
final class AuditCommand {
  private static final String CLEAN = "CLEAN";
  private static final String FAULT = "FAULT";

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

  @Command(
      name = "run",
      description = {
        "Has a node replay the log of one of its wards before others, and waits until it has.",
        "Asks its operations listener, which answers on the node's own machine unless it is",
        "configured otherwise. Exit code 0: clean; 10: the node holds a proof against the ward."
      })
  Integer run(
      @Mixin Target target,
      @Parameters(paramLabel = "WARD", description = "Whose log.") String ward,
      @Option(
              names = "--up-to",
              paramLabel = "ENTRIES",
              description = "How many entries; by default and at most all that are known of.")
          @Nullable Long upTo,
      @Option(
              names = "--timeout",
              defaultValue = "60",
              paramLabel = "SECONDS",
              description = "How long to wait; default ${DEFAULT-VALUE}.")
          int timeoutSeconds)
      throws InterruptedException {
    if (!ward.matches("[a-z0-9-]+") || (upTo != null && upTo < 0)) {
      throw CliException.usage("a node's id and a number of entries, not " + ward + ", " + upTo);
    }
    NodeApi api = target.api(terminal);
    JsonNode status = api.getJson("/v1/status");
    NodeApi operations = target.operations(terminal, status);
    String asked = "/audits?node=" + ward + (upTo == null ? "" : "&upTo=" + upTo);
    long goal = operations.post(asked, Bytes.EMPTY).path("upTo").asLong();
    boolean over =
        Polling.REMOTE.await(
            Duration.ofSeconds(timeoutSeconds),
            () -> isExposed(api, ward) || auditedSize(api, ward) >= goal);
    if (!over) {
      throw new CliException(
          ExitStatus.ERROR,
          "timeout",
          status.path("node").asText()
              + " has replayed "
              + auditedSize(api, ward)
              + " of "
              + goal
              + " entries of "
              + ward
              + " within "
              + timeoutSeconds
              + " s; it goes on");
    }
    ObjectNode result =
        result(
            status.path("node").asText(),
            ward,
            goal,
            api.getJson("/v1/schedule"),
            isExposed(api, ward) ? api.getJson("/v1/evidence") : null);
    terminal.result(result, runText(result));
    return (result.path("verdict").asText().equals(CLEAN) ? ExitStatus.OK : ExitStatus.FAULT)
        .code();
  }

  private static boolean isExposed(NodeApi api, String ward) {
    for (JsonNode peer : api.getJson("/v1/peers")) {
      if (peer.path("node").asText().equals(ward)) {
        return peer.path("verdict").asText().equals("exposed");
      }
    }
    return false;
  }

  private static long auditedSize(NodeApi api, String ward) {
    return scheduled(ward, api.getJson("/v1/schedule")).path("auditedSize").asLong();
  }

  /**
   * What the replay has come to.
   *
   * @param held proofs of the witness; null if the ward is not exposed
   */
  static ObjectNode result(
      String by, String ward, long goal, JsonNode schedule, @Nullable JsonNode held) {
    JsonNode scheduled = scheduled(ward, schedule);
    ObjectNode result =
        JsonNodeFactory.instance
            .objectNode()
            .put("by", by)
            .put("node", ward)
            .put("upTo", goal)
            .put("auditedSize", scheduled.path("auditedSize").asLong())
            .put("verdict", held == null ? CLEAN : FAULT)
            .put("scoreThreshold", schedule.path("scoreThreshold").asDouble());
    ArrayNode evidence = result.putArray("evidence");
    if (held != null) {
      for (JsonNode file : held) {
        if (file.path("node").asText().equals(ward)) {
          evidence.add(file.path("faultId").asText());
        }
      }
    }
    result.set("turns", scheduled.path("turns"));
    return result;
  }

  /** For people. */
  static String runText(JsonNode result) {
    List<String> lines = new ArrayList<>();
    String by = result.path("by").asText();
    String ward = result.path("node").asText();
    if (result.path("verdict").asText().equals(CLEAN)) {
      lines.add(
          "CLEAN: "
              + by
              + " has replayed "
              + result.path("auditedSize").asLong()
              + " entries of "
              + ward
              + " and found nothing.");
    } else {
      List<String> ids = new ArrayList<>();
      result.path("evidence").forEach(id -> ids.add(id.asText()));
      lines.add("FAULT: " + by + " holds proofs against " + ward + ": " + String.join(", ", ids));
    }
    JsonNode turns = result.path("turns");
    if (!turns.isEmpty()) {
      lines.addAll(AuditWords.turn(by, ward, turns.get(turns.size() - 1), result));
    }
    return String.join("\n", lines);
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
