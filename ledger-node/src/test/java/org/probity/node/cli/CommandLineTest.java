package org.probity.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What scripts rely on: exit codes, where things are printed, the shape of the JSON. */
class CommandLineTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path temporary;
  private static Path consortium;

  private record Run(int exit, String out, String err) {
    JsonNode json() throws IOException {
      List<String> lines = out.lines().toList();
      return JSON.readTree(lines.get(lines.size() - 1));
    }
  }

  private static Run run(String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int exit =
        Probity.run(
            new ByteArrayInputStream(new byte[0]),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            arguments);
    Run run =
        new Run(exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    assertFalse(run.err().contains("\tat "), run.err());
    return run;
  }

  @BeforeAll
  static void found() throws IOException {
    consortium = temporary.resolve("consortium");
    Run run = run("network", "init", "--nodes", "4", "--dir", consortium.toString(), "-o", "json");
    assertEquals(0, run.exit(), run.err());
    assertEquals(4, run.json().path("nodes").size());
    assertEquals(64, run.json().path("networkId").asText().length());
    assertTrue(Files.isRegularFile(Path.of(run.json().path("genesis").asText())));
  }

  private static String genesis() {
    return consortium.resolve("genesis.cbor").toString();
  }

  private static Path file(String name, String content) throws IOException {
    return Files.writeString(temporary.resolve(name), content);
  }

  @Test
  void helpAndVersionAreDataAndSucceed() {
    assertEquals(0, run("--help").exit());
    assertTrue(run("--help").out().contains("Exit codes"));
    assertTrue(run("--version").out().startsWith("probity "));
    assertEquals(0, run("transfer", "--help").exit());
    assertEquals("", run("--help").err());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "nonsense",
        "network",
        "node start",
        "node start --config",
        "evidence verify",
        "network show --output xml",
        "transfer a b",
        "network init --nodes four",
        "log verify nowhere -g x"
      })
  void aCommandLineThatIsNotUnderstoodExitsWith2(String line) {
    Run run = run(line.isEmpty() ? new String[0] : line.split(" "));
    if (line.endsWith("-g x")) {
      // The genesis document is looked at before the place.
      assertEquals(3, run.exit(), run.err());
    } else {
      assertEquals(2, run.exit(), run.err());
    }
    assertEquals("", run.out());
    assertFalse(run.err().isBlank());
  }

  @Test
  void impossibleNumbersOfNodesAreRefusedBeforeAnythingIsWritten() {
    Path dir = temporary.resolve("never");
    Run run = run("network", "init", "--nodes", "2", "--witnesses", "2", "--dir", dir.toString());
    assertEquals(2, run.exit());
    assertTrue(run.err().contains("witnesses"), run.err());
    assertFalse(Files.exists(dir.resolve("genesis.cbor")));
  }

  @Test
  void aFolderThatIsNotEmptyIsNeverOverwritten() throws IOException {
    byte[] before = Files.readAllBytes(Path.of(genesis()));
    Run run = run("network", "init", "--dir", consortium.toString(), "-o", "json");
    assertEquals(3, run.exit());
    assertEquals("directory_not_empty", JSON.readTree(run.err()).at("/error/code").asText());
    assertEquals(before.length, Files.readAllBytes(Path.of(genesis())).length);
  }

  @Test
  void showsWhatTheGenesisDocumentSays() throws IOException {
    JsonNode json = run("network", "show", "--dir", consortium.toString(), "-o", "json").json();
    assertEquals("CZK", json.at("/assets/0/code").asText());
    assertEquals(4, json.path("nodes").size());
    for (JsonNode node : json.path("nodes")) {
      assertEquals(2, node.path("witnesses").size());
      assertTrue(node.path("origin").asText().startsWith("probity/"));
    }
  }

  @Test
  void missingAndBrokenConfigurationsExitWith3() throws IOException {
    assertEquals(3, run("node", "start", "--config", "/nowhere/node.yaml").exit());
    assertEquals(
        3, run("config", "check", file("bad.yaml", "node:\n  idd: x\n").toString()).exit());
    assertEquals(3, run("network", "show", "--genesis", "/nowhere").exit());
    assertEquals(3, run("network", "show", "--genesis", file("g", "no genesis").toString()).exit());
    assertEquals(
        0, run("config", "check", consortium.resolve("nodes/bank-a/node.yaml").toString()).exit());
  }

  @Test
  void filesAboutForeignWitnessesAreCheckedBeforeAStart() throws IOException {
    String config = consortium.resolve("nodes/bank-a/node.yaml").toString();
    for (String command : List.of("config check " + config, "node start --config=" + config)) {
      Run run =
          run((command + " --set=witness.policyFile=/nowhere/policy.txt --output=json").split(" "));
      assertEquals(3, run.exit(), run.err());
      JsonNode error = JSON.readTree(run.err()).path("error");
      assertEquals("witness_policy_unusable", error.path("code").asText());
      assertTrue(
          error.path("message").asText().contains("witness.policyFile: /nowhere/policy.txt"),
          run.err());
    }
  }

  @Test
  void showsEverySettingWithItsSource() throws IOException {
    Run run =
        run(
            "config",
            "show",
            "--effective",
            consortium.resolve("nodes/bank-a/node.yaml").toString(),
            "--set",
            "client.port=1",
            "-o",
            "json");
    assertEquals(0, run.exit(), run.err());
    assertEquals("bank-a", run.json().path("node.id").path("value").asText());
    assertEquals("file", run.json().path("node.id").path("source").asText());
    assertEquals("1", run.json().path("client.port").path("value").asText());
    assertEquals("command_line", run.json().path("client.port").path("source").asText());
  }

  @Test
  void aNodeThatDoesNotAnswerExitsWith4() throws IOException {
    Run status = run("node", "status", "--dir", consortium.toString(), "-o", "json");
    assertEquals(4, status.exit());
    assertEquals(4, status.json().size());
    assertEquals("stopped", status.json().get(0).path("state").asText());
    assertEquals(4, run("peers", "--dir", consortium.toString()).exit());
    Run closed = run("peers", "--url", "https://localhost:1", "-o", "json");
    assertEquals(4, closed.exit());
    assertEquals("", closed.out());
    assertEquals("unreachable", JSON.readTree(closed.err()).at("/error/code").asText());
  }

  @Test
  void whatProvesNothingIsRejectedWith10AndAMissingFileIsAnError() throws IOException {
    for (String content : List.of("", "x", "\u0000\u0000", "[1,2,3]")) {
      Run run =
          run(
              "evidence",
              "verify",
              file("e", content).toString(),
              "--genesis",
              genesis(),
              "-o",
              "json");
      assertEquals(10, run.exit(), run.err());
      assertEquals("REJECTED", run.json().path("verdict").asText());
      assertFalse(run.json().path("reason").asText().isEmpty());
    }
    assertEquals(1, run("evidence", "verify", "/nowhere", "--genesis", genesis()).exit());
    Run folder = run("evidence", "verify", temporary.toString(), "--genesis", genesis());
    assertEquals(2, folder.exit());
    assertTrue(folder.err().contains("is a folder"), folder.err());
    assertEquals(
        3, run("evidence", "verify", file("e", "x").toString(), "--genesis", "/no").exit());
  }

  @Test
  void whatIsNoReceiptIsInvalidWith10() throws IOException {
    Run run =
        run(
            "receipt",
            "verify",
            file("r", "c2sp.org/tlog-proof@v1\nindex 0\n\nx\n").toString(),
            "--genesis",
            genesis(),
            "-o",
            "json");
    assertEquals(10, run.exit(), run.err());
    assertEquals("INVALID", run.json().path("verdict").asText());
  }

  @Test
  void aLogFolderWithoutACheckpointIsUnreachable() {
    Run run =
        run("log", "verify", temporary.toString(), "--genesis", genesis(), "--output", "json");
    assertEquals(4, run.exit(), run.err());
  }

  @Test
  void tablesHaveOneLineAHeadingAndARow() {
    List<String> lines =
        run("node", "status", "--dir", consortium.toString()).out().lines().toList();
    assertEquals(5, lines.size());
    assertTrue(lines.get(0).startsWith("NODE"));
    assertTrue(lines.get(1).startsWith("bank-a"));
  }
}
