package org.probity.demo;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The drill of the operator guide, "Backup and restore", as it stands: real processes over TLS, one
 * of which loses its data folder and comes back from a backup and its witnesses (protocol.md
 * §11.2).
 */
@Timeout(900)
class RestoreDrillIT {
  private static final Drill DRILL = new Drill("restore");

  @TempDir Path folder;

  @Test
  void aNodeThatLosesItsDataFolderComesBackWithAllThatItAcknowledged() throws Exception {
    Path drill = folder.resolve("drill");
    JsonNode measured = DRILL.run(folder, drill);
    assertTrue(
        measured.path("signed").asLong() > measured.path("backedUp").asLong(), "" + measured);
    assertTrue(measured.path("recovered").asLong() > 0, "" + measured);
    assertTrue(measured.path("size").asLong() > measured.path("signed").asLong(), "" + measured);
    assertFalse(Files.exists(drill.resolve("consortium/nodes/bank-c/data/latch")));
    assertTrue(Files.exists(drill.resolve("consortium/nodes/bank-c/data.lost")));
    assertTrue(Files.size(drill.resolve("innocence/checkpoint")) > 0);
  }

  @Test
  void theGuideNamesTheDrillAndItsCommands() throws Exception {
    DRILL.requireInGuide(List.of("node backup --config", "node restore --config", "node check"));
  }
}
