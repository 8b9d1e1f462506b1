package org.probity.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
 * The drill of the operator guide, "Certificates", as it stands: real processes over TLS, one of
 * which gets new certificates while it pays, and nobody accepts the former ones any more.
 */
@Timeout(900)
class RenewDrillIT {
  private static final Drill DRILL = new Drill("renew");

  @TempDir Path folder;

  @Test
  void aRunningNodeIsRenewedAndItsFormerCertificateRevoked() throws Exception {
    RequiredTool.find("curl");
    Path drill = folder.resolve("drill");
    JsonNode measured = DRILL.run(folder, drill);
    assertTrue(measured.path("payments").asInt() >= 6, "" + measured);
    assertEquals(2, measured.path("revoked").asInt(), "" + measured);
    assertFalse(measured.path("refused").asText().equals("200"), "" + measured);
    assertTrue(
        Files.exists(drill.resolve("consortium/nodes/bank-c/certificate-request-former.pem")));
  }

  @Test
  void theGuideNamesTheDrillAndItsCommands() throws Exception {
    DRILL.requireInGuide(
        List.of(
            "identity request --config",
            "identity issue --ca",
            "identity renew --config",
            "identity revoke --ca"));
  }
}
