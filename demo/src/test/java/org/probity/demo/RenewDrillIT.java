package org.probity.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
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
    requireCurl();
    Path drill = folder.resolve("drill");
    JsonNode measured = DRILL.run(folder, drill);
    assertTrue(measured.path("payments").asInt() >= 6, "" + measured);
    assertEquals(2, measured.path("revoked").asInt(), "" + measured);
    assertFalse(measured.path("refused").asText().equals("200"), "" + measured);
    assertTrue(
        Files.exists(drill.resolve("consortium/nodes/bank-c/certificate-request-former.pem")));
  }

  /** Without it nothing is tested, visibly; in CI the drill itself fails then. */
  private static void requireCurl() {
    boolean isThere =
        Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
            .anyMatch(directory -> Files.isExecutable(Path.of(directory, "curl")));
    assumeTrue(isThere || "true".equals(System.getenv("CI")), "this machine has no curl");
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
