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
 * The drill of the operator guide, "Certificates", as it stands: real processes over TLS, one of
 * which gets new certificates while it pays, and nobody accepts the former ones any more.
 */
@Timeout(400)
class RenewDrillIT {
  private static final Path SCRIPT = Launcher.script().resolveSibling("config/drills/renew.sh");

  @TempDir Path folder;

  @Test
  void aRunningNodeIsRenewedAndItsFormerCertificateRevoked() throws Exception {
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
    assertTrue(measured.path("payments").asInt() >= 6, "" + out);
    assertEquals(2, measured.path("revoked").asInt(), "" + out);
    assertFalse(measured.path("refused").asText().equals("200"), "" + out);
    assertTrue(
        Files.exists(drill.resolve("consortium/nodes/bank-c/certificate-request-former.pem")));
  }

  /** What the guide shows is what the drill does. */
  @Test
  void theGuideNamesTheDrillAndItsCommands() throws Exception {
    String guide = Files.readString(Launcher.script().resolveSibling("docs/operator-guide.md"));
    assertTrue(guide.contains("config/drills/renew.sh"), "the drill");
    for (String command :
        List.of(
            "identity request --config",
            "identity issue --ca",
            "identity renew --config",
            "identity revoke --ca")) {
      assertTrue(guide.contains("./probity " + command), command);
      assertTrue(Files.readString(SCRIPT).contains("run " + command), command);
    }
  }
}
