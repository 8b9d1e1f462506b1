package org.probity.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The drill of the operator guide, "Backup and restore", as it stands: real processes over TLS, one
 * of which loses its data folder and comes back from a backup and its witnesses (protocol.md
 * §11.2).
 */
@Timeout(400)
class RestoreDrillIT {
  private static final Path SCRIPT = Launcher.script().resolveSibling("config/drills/restore.sh");

  @TempDir Path folder;

  @Test
  void aNodeThatLosesItsDataFolderComesBackWithAllThatItAcknowledged() throws Exception {
    Path steps = folder.resolve("steps");
    Path drill = folder.resolve("drill");
    Process process =
        Launcher.command(folder, SCRIPT.toString(), drill.toString())
            .redirectError(steps.toFile())
            .start();
    process.getOutputStream().close();
    List<String> out =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
            .lines()
            .toList();
    if (!process.waitFor(1, TimeUnit.MINUTES)) {
      process.destroy();
    }
    assertEquals(0, process.waitFor(), Files.readString(steps));
    JsonNode measured = new ObjectMapper().readTree(out.get(out.size() - 1));
    assertEquals("ok", measured.path("verdict").asText());
    assertTrue(measured.path("signed").asLong() > measured.path("backedUp").asLong(), "" + out);
    assertTrue(measured.path("recovered").asLong() > 0, "" + out);
    assertTrue(measured.path("size").asLong() > measured.path("signed").asLong(), "" + out);
    assertFalse(Files.exists(drill.resolve("consortium/nodes/bank-c/data/latch")));
    assertTrue(Files.exists(drill.resolve("consortium/nodes/bank-c/data.lost")));
    assertTrue(Files.size(drill.resolve("innocence/checkpoint")) > 0);
  }

  /** What the guide shows is what the drill does. */
  @Test
  void theGuideNamesTheDrillAndItsCommands() throws Exception {
    String guide = Files.readString(Launcher.script().resolveSibling("docs/operator-guide.md"));
    assertTrue(guide.contains("config/drills/restore.sh"), "the drill");
    for (String command : List.of("node backup --config", "node restore --config", "node check")) {
      assertTrue(guide.contains("./probity " + command), command);
      assertTrue(Files.readString(SCRIPT).contains("run " + command), command);
    }
  }
}
