package org.probity.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What commands say of files that a node cannot go by: a stable code, and how they exit. */
@Timeout(120)
class UnusableFilesTest {
  @TempDir static Path temporary;
  private static Path banks;
  private static Path others;

  @BeforeAll
  static void found() {
    banks = found("banks", 3);
    others = found("others", 2);
  }

  private static Path found(String name, int nodes) {
    Path folder = temporary.resolve(name);
    RunningConsortium.Run founded =
        RunningConsortium.run(
            "network",
            "init",
            "--nodes=" + nodes,
            "--faults=0",
            "--witnesses=1",
            "--base-port=0",
            "--dir=" + folder);
    assertEquals(0, founded.exit(), founded.err());
    return folder;
  }

  private static Path node(String name) {
    return banks.resolve("nodes").resolve(name);
  }

  private static RunningConsortium.Run run(List<String> command, String... options) {
    List<String> all = new ArrayList<>(command);
    all.addAll(List.of(options));
    all.add("--output=json");
    return RunningConsortium.run(all.toArray(String[]::new));
  }

  private static void assertRefuses(String code, RunningConsortium.Run run) throws Exception {
    assertRefuses(code, ExitStatus.BAD_CONFIG, run);
  }

  private static void assertRefuses(String code, ExitStatus exit, RunningConsortium.Run run)
      throws Exception {
    assertEquals(code, run.errorCode(), run.err());
    assertEquals(exit.code(), run.exit(), run.err());
  }

  /** A copy of somebody's configuration, or the founding document of another consortium. */
  @Test
  void aNodeThatTheFoundingDocumentDoesNotKnow() throws Exception {
    Path config = node("bank-c").resolve("node.yaml");
    String text = Files.readString(config);
    String genesis = "../../genesis.cbor";
    assertTrue(text.contains(genesis));
    Files.writeString(config, text.replace(genesis, others.resolve("genesis.cbor").toString()));

    assertRefuses("unknown_node", run(List.of("config", "check", config.toString())));
    for (List<String> command : List.of(List.of("node", "check"), List.of("identity", "request"))) {
      assertRefuses("unknown_node", run(command, "--config=" + config));
    }
    // The node is refused here, not its files: they may be right for another founding document.
    assertRefuses(
        "unknown_node", ExitStatus.ERROR, run(List.of("node", "start"), "--config=" + config));
  }

  @Test
  void aFileOfCertificatesThatHoldsNone() throws Exception {
    Path keys = node("bank-a").resolve("keys");
    Path config = node("bank-a").resolve("node.yaml");
    Path roots = keys.resolve("ca.pem");
    String before = Files.readString(roots);
    String key = Files.readString(keys.resolve("log.pem"));
    for (String wrong :
        List.of(
            "",
            "nothing in PEM",
            key,
            before.replaceFirst("(?s)(CERTIFICATE-----\n).{40}", "$1"))) {
      Files.writeString(roots, wrong);
      assertRefuses("certificate_malformed", run(List.of("node", "start"), "--config=" + config));
    }
    Files.writeString(roots, before);
  }

  @Test
  void aRevocationListThatIsNotThereOrNotAFile() throws Exception {
    Path config = node("bank-b").resolve("node.yaml");
    Path list = node("bank-b").resolve("crl.pem");
    Files.writeString(config, Files.readString(config) + "keys:\n  revocationList: crl.pem\n");
    for (int i = 0; i < 2; i++) {
      assertRefuses(
          "revocation_list_unreadable", run(List.of("node", "start"), "--config=" + config));
      Files.createDirectories(list);
    }
  }
}
