package org.probity.benchmarks.local;

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
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.probity.node.cli.Probity;

/** The command as a user runs it, with a node process of its own; the figures are not judged. */
@Timeout(300)
class LocalCommandTest {
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

  private String errors() {
    return err.toString(StandardCharsets.UTF_8);
  }

  @Test
  void measuresTransfersAndTheBareRuleInOneRun() throws Exception {
    int exit =
        probity(
            "bench",
            "local",
            "--transfers",
            "4000",
            "--seconds",
            "6",
            "--warm-up-seconds",
            "2",
            "--accounts",
            "50",
            "--clients",
            "4",
            "--dir",
            directory.resolve("run").toString());

    assertEquals(0, exit, this::errors);
    String lines = out.toString(StandardCharsets.UTF_8).strip();
    JsonNode json = new ObjectMapper().readTree(lines.substring(lines.lastIndexOf('\n') + 1));
    assertTrue(json.path("cores").asInt() > 0);
    for (String load : new String[] {"single", "bulk"}) {
      JsonNode measured = json.path(load);
      for (String figure :
          new String[] {
            "transfersPerSecond",
            "latencyP50Millis",
            "latencyP99Millis",
            "nodeCpuMicrosPerTransfer",
            "logBytesPerTransfer",
            "ratioToBareRate"
          }) {
        assertTrue(measured.path(figure).asDouble() > 0, () -> load + " " + figure + ": " + lines);
      }
      assertTrue(measured.path("bare").path("signaturesPerSecond").asDouble() > 0, lines);
    }
    // A signature and its keys are in every one of these entries, but shared by 200 in those.
    assertTrue(json.at("/single/logBytesPerTransfer").asDouble() > 250, lines);
    assertTrue(json.at("/bulk/logBytesPerTransfer").asDouble() < 100, lines);
  }

  @Test
  void refusesWhatItCannotMeasure() {
    assertEquals(2, probity("bench", "local", "--provider", "jdk"));
    assertEquals(2, probity("bench", "local", "--transfers", "1999"));
    assertEquals(2, probity("bench", "local", "--per-request", "1001"));
    assertTrue(errors().contains("--per-request is at most 1000"), this::errors);
  }
}
