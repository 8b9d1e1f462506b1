package org.probity.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.probity.node.cli.RunningConsortium.run;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.crypto.Hash;
import org.probity.node.http.api.Polling;
import org.probity.node.identity.NodeKeys;
import org.probity.node.identity.PemFiles;

/** An operator lets nobody do anything but whom it has listed; others go on auditing its node. */
@Timeout(120)
class WhoMayDoWhatTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir private Path temporary;

  /** {@code callers.yaml} of bank-a, written as an operator with an editor does. */
  private Path callers(RunningConsortium banks) {
    return banks.layout.node("bank-a").resolve("callers.yaml");
  }

  private static RunningConsortium.Run peers(RunningConsortium banks, String... more) {
    List<String> all = new ArrayList<>(List.of("peers", "--node=bank-a"));
    all.addAll(List.of(more));
    return banks.json(all.toArray(String[]::new));
  }

  private static void awaitExit(ExitStatus wanted, RunsCommand command)
      throws InterruptedException {
    assertTrue(
        Polling.LOCAL.await(PATIENCE, () -> command.run().exit() == wanted.code()),
        () -> command.run().toString());
  }

  private interface RunsCommand {
    RunningConsortium.Run run();
  }

  @Test
  void letsOnlyThemDoWhatTheyMay() throws Exception {
    try (RunningConsortium banks =
        new RunningConsortium(temporary.resolve("banks"), UnaryOperator.identity())) {
      Path config = banks.layout.config("bank-a");
      Files.writeString(
          config,
          Files.readString(config)
              .replace("client:\n", "client:\n  anonymous: none\n  callersFile: callers.yaml\n"));
      Files.writeString(callers(banks), "callers:\n");
      banks.restart("bank-a");

      RunningConsortium.Run stranger = peers(banks);
      assertEquals(ExitStatus.UNAUTHORISED.code(), stranger.exit(), stranger.err());
      assertEquals("unauthenticated", stranger.errorCode());

      Path token = temporary.resolve("auditor.token");
      JsonNode made =
          run("identity", "token", "auditor", "--roles=audit", "--out=" + token, "--output=json")
              .json();
      assertEquals(
          "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(token)));
      assertEquals(
          Hash.sha256(Files.readString(token).strip().getBytes(StandardCharsets.UTF_8)).toHex(),
          made.path("tokenSha256").asText());
      Path certificate =
          banks.layout.node("bank-b").resolve("keys").resolve(NodeKeys.TLS_CERTIFICATE);
      Files.writeString(callers(banks), listed(made, certificate));
      awaitExit(ExitStatus.OK, () -> peers(banks, "--token-file=" + token));

      RunningConsortium.Run opening =
          banks.json(
              "account",
              "open",
              "loro",
              "--asset=CZK",
              "--node=bank-a",
              "--token-file=" + token,
              "--receipt=" + temporary.resolve("receipt"),
              "--key=" + banks.operatorKey("member-a"));
      assertEquals(ExitStatus.UNAUTHORISED.code(), opening.exit(), opening.err());
      assertEquals("forbidden", opening.errorCode());
      assertEquals(
          0,
          peers(
                  banks,
                  "--client-certificate=" + certificate,
                  "--client-key=" + certificate.resolveSibling(NodeKeys.TLS_KEY))
              .exit());
      // Whoever wants to audit bank-a needs nothing of it.
      RunningConsortium.Run audit = banks.json("log", "verify", "--node=bank-a", "--replay");
      assertEquals(0, audit.exit(), audit.err());

      Files.writeString(callers(banks), "callers:\n");
      awaitExit(ExitStatus.UNAUTHORISED, () -> peers(banks, "--token-file=" + token));

      Files.writeString(callers(banks), "callers: [auditor]\n");
      RunningConsortium.Run checked = run("config", "check", config.toString(), "--output=json");
      assertEquals(ExitStatus.BAD_CONFIG.code(), checked.exit(), checked.err());
    }
  }

  private static String listed(JsonNode token, Path certificate) throws Exception {
    return "callers:\n  auditor:\n    roles: [audit]\n    tokenSha256: \""
        + token.path("tokenSha256").asText()
        + "\"\n    expires: \""
        + token.path("expires").asText()
        + "\"\n  bank-b:\n    roles: [audit]\n    certificateSha256: \""
        + Hash.sha256(PemFiles.readCertificates(certificate).get(0).getEncoded()).toHex()
        + "\"\n";
  }

  @Test
  void makesTokensOnlyForRolesThatThereAre() throws IOException {
    Path out = temporary.resolve("token");
    for (List<String> wrong :
        List.of(
            List.of("gateway", "--roles=root"),
            List.of("gateway", "--roles=none"),
            List.of("Gateway", "--roles=read"),
            List.of("gateway", "--roles=read", "--days=0"),
            List.of("gateway", "--roles=read", "--days=826"))) {
      List<String> all = new ArrayList<>(List.of("identity", "token", "--out=" + out));
      all.addAll(wrong);
      assertEquals(
          ExitStatus.USAGE.code(), run(all.toArray(String[]::new)).exit(), wrong.toString());
      assertTrue(Files.notExists(out));
    }
  }
}
