package org.probity.benchmarks.messages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.probity.node.cli.Probity;

class MessagesCommandTest {
  @TempDir private Path directory;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int probity(String... arguments) {
    return Probity.run(
        new ByteArrayInputStream(new byte[0]), printing(out), printing(err), arguments);
  }

  private static PrintStream printing(ByteArrayOutputStream stream) {
    return new PrintStream(stream, true, StandardCharsets.UTF_8);
  }

  @Test
  void countsEveryKindOfMessage() throws Exception {
    int exit =
        probity(
            "bench",
            "messages",
            "--nodes",
            "3",
            "--witnesses",
            "1",
            "--payments",
            "60",
            "--per-second",
            "0",
            "--outstanding",
            "4",
            "--idle-seconds",
            "1",
            "--dir",
            directory.resolve("run").toString());

    assertEquals(0, exit, () -> err.toString(StandardCharsets.UTF_8));
    String lines = out.toString(StandardCharsets.UTF_8).strip();
    JsonNode json = new ObjectMapper().readTree(lines.substring(lines.lastIndexOf('\n') + 1));
    // A payment is a credit and its answer; both are packed as traffic allows.
    assertTrue(json.path("applicationMessagesPerPayment").asDouble() > 0.1, lines);
    assertTrue(json.path("applicationMessagesPerPayment").asDouble() <= 2, lines);
    for (String kind : new String[] {"envelopes", "acks", "witnessing", "forwarding", "audit"}) {
      JsonNode count = json.path("perPayment").path(kind);
      assertTrue(count.path("messages").asDouble() > 0, () -> kind + ": " + lines);
      assertTrue(count.path("bytes").asDouble() > 0, () -> kind + ": " + lines);
    }
    // Nothing that is paid for can cost less than its own bytes in the logs of the witnesses.
    assertTrue(
        json.at("/perPayment/witnessing/bytes").asDouble()
            >= json.path("logBytesPerPayment").asDouble(),
        lines);
    assertTrue(json.path("reachedPerSecond").asDouble() > 0, lines);
    // None, unless this machine stood still for so long that somebody asked what had become of it.
    assertTrue(json.at("/perPayment/disputes/messages").asDouble() < 1, lines);
  }

  @Test
  void refusesWhatItCannotMeasure() {
    assertEquals(2, probity("bench", "messages", "--nodes", "2"));
    assertEquals(2, probity("bench", "messages", "--payments", "0"));
    assertEquals(2, probity("bench", "messages", "--per-second", "-1"));
    assertEquals(2, probity("bench", "messages", "--outstanding", "101"));
    assertTrue(err.toString(StandardCharsets.UTF_8).contains("nobody watches itself"));
  }
}
