package org.probity.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.probity.node.testing.ChildJvm;

/** A node as a process of its own: the ready line, the log on standard error, SIGTERM. */
@Timeout(120)
class NodeStartTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path temporary;

  @Test
  void tellsWhenItIsReadyLogsAsToldAndEndsQuietlyWith143() throws Exception {
    Path folder = temporary.resolve("banks");
    RunningConsortium.Run founded =
        RunningConsortium.run(
            "network",
            "init",
            "--nodes=2",
            "--faults=0",
            "--witnesses=1",
            "--base-port=0",
            "--dir=" + folder);
    assertEquals(0, founded.exit(), founded.err());
    Path config = folder.resolve("nodes/bank-a/node.yaml");
    Path ready = config.resolveSibling("ready.json");
    Path log = temporary.resolve("stderr");
    try (ChildJvm node =
        ChildJvm.start(
            ProcessBuilder.Redirect.to(log.toFile()),
            List.of(),
            Probity.class,
            "node",
            "start",
            "--config=" + config,
            "--set=logging.format=json",
            "--set=logging.level=debug")) {
      JsonNode line = JSON.readTree(node.readLine());
      assertEquals(
          List.of("node", "clientUrl", "peerUrl", "opsUrl", "logUrl", "consoleUrl"),
          RunningConsortium.fields(line));
      assertEquals(line, JSON.readTree(Files.readString(ready)));
      node.terminate();
      assertEquals(143, node.await());
    }
    assertFalse(Files.exists(ready), "nobody is misled by an old ready file");
    List<String> events = Files.readAllLines(log);
    assertTrue(!events.isEmpty(), "debug says something");
    for (String event : events) {
      JsonNode json = JSON.readTree(event);
      assertFalse(List.of("WARN", "ERROR").contains(json.path("level").asText()), event);
      assertTrue(json.path("loggerName").asText().startsWith("org.probity"), event);
    }
  }
}
