package org.probity.node.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.probity.detector.node.Patience;
import org.probity.node.config.ConfigException.Problem;

class NodeConfigTest {
  private static final String MINIMAL = "node:\n  id: bank-a\n";

  @TempDir Path directory;

  private Path write(String yaml) throws IOException {
    Path file = directory.resolve("node.yaml");
    Files.writeString(file, yaml);
    return file;
  }

  private NodeConfig load(String yaml) throws IOException {
    return NodeConfig.load(write(yaml), Map.of(), Map.of());
  }

  private List<Problem> problems(
      String yaml, Map<String, String> commandLine, Map<String, String> environment)
      throws IOException {
    Path file = write(yaml);
    return assertThrows(
            ConfigException.class, () -> NodeConfig.load(file, commandLine, environment))
        .problems();
  }

  private void assertProblem(String code, String field, String yaml) throws IOException {
    List<Problem> problems = problems(yaml, Map.of(), Map.of());
    assertEquals(1, problems.size(), problems.toString());
    assertEquals(code, problems.get(0).code(), problems.toString());
    assertEquals(field, problems.get(0).field(), problems.toString());
  }

  @Test
  void oneLineIsEnough() throws IOException {
    NodeConfig config = load(MINIMAL);
    assertEquals("bank-a", config.id());
    assertEquals(directory.resolve("genesis.cbor"), config.genesis());
    assertEquals(directory.resolve("data"), config.storage().data());
    assertEquals(directory.resolve("keys"), config.keys());
    assertEquals(7401, config.client().port());
    assertEquals("127.0.0.1", config.operations().host());
    assertEquals(65_536L << 20, config.storage().options().logMapBytes());
    assertEquals(Optional.empty(), config.passphrase());
  }

  @Test
  void theStrongerSourceWins() throws IOException {
    Path file = write(MINIMAL + "client:\n  port: 1\npeer:\n  port: 1\noperations:\n  port: 1\n");
    EffectiveConfig values =
        EffectiveConfig.load(
            file,
            Map.of("client.port", "3"),
            Map.of("PROBITY_CLIENT_PORT", "2", "PROBITY_PEER_PORT", "2"));
    NodeConfig config = NodeConfig.of(values);
    assertEquals(3, config.client().port());
    assertEquals(2, config.peer().port());
    assertEquals(1, config.operations().port());
    assertEquals(Optional.of(ConfigSource.COMMAND_LINE), values.sourceOf("client.port"));
    assertEquals(Optional.of(ConfigSource.ENVIRONMENT), values.sourceOf("peer.port"));
    assertEquals(Optional.of(ConfigSource.FILE), values.sourceOf("operations.port"));
    assertEquals(Optional.of(ConfigSource.DEFAULT), values.sourceOf("client.host"));
  }

  @Test
  void pathsAreRelativeToWhereTheyWereWritten() throws IOException {
    Path file = write(MINIMAL + "storage:\n  data: ../elsewhere/data\n");
    NodeConfig config =
        NodeConfig.load(
            file, Map.of("node.genesis", "g.cbor"), Map.of("PROBITY_STORAGE_MARKS", "m"));
    assertEquals(directory.resolveSibling("elsewhere").resolve("data"), config.storage().data());
    assertEquals(Path.of("").toAbsolutePath().resolve("g.cbor"), config.genesis());
    assertEquals(Path.of("").toAbsolutePath().resolve("m"), config.storage().marks());
  }

  @Test
  void everythingCanComeFromTheEnvironment() {
    NodeConfig config =
        NodeConfig.load(
            null,
            Map.of(),
            Map.of("PROBITY_NODE_ID", "bank-a", "PROBITY_CLIENT_MAX_PENDING_TRANSACTIONS", "7"));
    assertEquals("bank-a", config.id());
    assertEquals(7, config.maxPendingTransactions());
  }

  @Test
  void patienceIsTheOperatorsChoice() throws IOException {
    assertEquals(Patience.standard(), load(MINIMAL).patience());
    NodeConfig config =
        load(
            MINIMAL
                + "challenge:\n  unacknowledgedMillis: 250\n"
                + "  unlinkedMillis: 3600000\n  overdueMillis: 2000\n");
    assertEquals(new Patience(250, 3_600_000, 2_000), config.patience());
  }

  @Test
  void anUnknownKeyIsFatalWhereverItStands() throws IOException {
    assertProblem("unknown_key", "clients", MINIMAL + "clients:\n  port: 1\n");
    assertProblem("unknown_key", "client.prot", MINIMAL + "client:\n  prot: 1\n");
    List<Problem> problems =
        problems(
            MINIMAL,
            Map.of("client.prot", "1"),
            Map.of(
                "PROBITY_CLIENT_PROT", "1", "PROBITY_DATA", "ours, but no setting", "PATH", "x"));
    List<Problem> noSection = problems(MINIMAL, Map.of(), Map.of("PROBITY_FOO_BAR", "1"));
    assertEquals(List.of("PROBITY_FOO_BAR"), noSection.stream().map(Problem::field).toList());
    assertEquals(
        List.of("PROBITY_CLIENT_PROT", "client.prot"),
        problems.stream().map(Problem::field).toList());
    assertTrue(problems.get(0).message().contains("PROBITY_CLIENT_PORT"), problems.toString());
    assertTrue(problems.get(1).message().contains("client.port"), problems.toString());
  }

  @ParameterizedTest
  @CsvSource({
    "client.port, -1",
    "challenge.unacknowledgedMillis, 249",
    "challenge.unlinkedMillis, 3600001",
    "challenge.overdueMillis, 1999",
    "challenge.overdueMillis, 86400001",
    "client.port, 65536",
    "client.port, 08",
    "client.port, 1e3",
    "client.port, 99999999999999999999",
    "client.port, ''",
    "logging.level, loud",
    "client.host, ' '",
    "storage.logMib, 0",
    "node.id, Bank A",
    "node.id, aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "storage.marks, data/marks"
  })
  void anInvalidValueIsNamedWithItsRemedy(String key, String value) throws IOException {
    String section = key.substring(0, key.indexOf('.'));
    String name = key.substring(key.indexOf('.') + 1);
    String yaml =
        section.equals("node")
            ? "node:\n  id: \"" + value + "\"\n"
            : MINIMAL + section + ":\n  " + name + ": \"" + value + "\"\n";
    List<Problem> problems = problems(yaml, Map.of(), Map.of());
    assertEquals(1, problems.size(), problems.toString());
    assertEquals("invalid", problems.get(0).code());
    assertEquals(key, problems.get(0).field());
    assertTrue(problems.get(0).message().startsWith("must "), problems.toString());
  }

  @Test
  void yamlsOwnIdeasAboutTypesAreRefused() throws IOException {
    assertProblem("invalid", "node.id", "node:\n  id: true\n");
    assertProblem("invalid", "node.id", "node:\n  id: 1.5\n");
    assertProblem("invalid", "node.id", "node:\n  id: [a]\n");
    assertProblem("invalid", "client", MINIMAL + "client: 7\n");
    assertEquals(7401, load(MINIMAL + "client:\n").client().port());
  }

  @Test
  void allProblemsAreReportedAtOnce() throws IOException {
    List<Problem> problems =
        problems("client:\n  port: x\n  prot: 1\nlogging:\n  level: loud\n", Map.of(), Map.of());
    assertEquals(
        List.of("client.port", "client.prot", "logging.level", "node.id"),
        problems.stream().map(Problem::field).toList());
    assertEquals("missing", problems.get(3).code());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "hello",
        "- a\n",
        "node: {id: a",
        "node:\n  id: a\n---\nnode:\n  id: b\n",
        "a: &x {b: {c: {d: {e: {f: {g: {h: {i: {j: 1}}}}}}}}}\n"
      })
  void whatIsNotOneMappingIsMalformed(String yaml) throws IOException {
    List<Problem> problems = problems(yaml, Map.of("node.id", "a"), Map.of());
    assertEquals("malformed", problems.get(0).code(), problems.toString());
    assertEquals(directory.resolve("node.yaml").toString(), problems.get(0).field());
  }

  @Test
  void aKeyGivenTwiceIsRefused() throws IOException {
    List<Problem> problems =
        problems("node:\n  id: a\n  id: b\n", Map.of("node.id", "a"), Map.of());
    assertEquals("duplicate_key", problems.get(0).code(), problems.toString());
  }

  @Test
  void aMissingFileIsReported() {
    Path missing = directory.resolve("none.yaml");
    ConfigException thrown =
        assertThrows(
            ConfigException.class,
            () -> NodeConfig.load(missing, Map.of("node.id", "a"), Map.of()));
    assertEquals("unreadable", thrown.problems().get(0).code());
  }

  @Test
  void aSecretComesFromAFileAndIsNeverShown() throws IOException {
    Path secret = directory.resolve("passphrase");
    Files.writeString(secret, "correct horse\n");
    Path file = write(MINIMAL + "keys:\n  passphraseFile: passphrase\n");
    EffectiveConfig values = EffectiveConfig.load(file, Map.of(), Map.of());
    NodeConfig config = NodeConfig.of(values);
    assertEquals(Optional.of("correct horse"), config.passphrase());
    assertEquals("(redacted)", values.shown().get("keys.passphrase"));
    assertFalse(config.toString().contains("horse"));
    assertFalse(values.toString().contains("horse"));

    NodeConfig fromEnvironment =
        NodeConfig.load(
            write(MINIMAL), Map.of(), Map.of("PROBITY_KEYS_PASSPHRASE_FILE", secret.toString()));
    assertEquals(Optional.of("correct horse"), fromEnvironment.passphrase());

    List<Problem> missing = problems(MINIMAL, Map.of("keys.passphraseFile", "/nowhere"), Map.of());
    assertEquals("unreadable", missing.get(0).code());
    List<Problem> twice =
        problems(
            MINIMAL,
            Map.of(),
            Map.of(
                "PROBITY_KEYS_PASSPHRASE_FILE",
                secret.toString(),
                "PROBITY_KEYS_PASSPHRASE",
                "correct horse"));
    assertEquals("duplicate_key", twice.get(0).code());
    assertFalse(twice.toString().contains("horse"), twice.toString());
  }

  @Test
  void theFilesInTheConfigFolderAreUpToDate() throws IOException {
    Path folder = Path.of("..", "config");
    if (Boolean.getBoolean("probity.updateGolden")) {
      Files.writeString(folder.resolve("node.schema.json"), ConfigSchema.schema());
      Files.writeString(folder.resolve("node.sample.yaml"), ConfigSchema.sample());
    }
    assertEquals(
        ConfigSchema.schema(),
        Files.readString(folder.resolve("node.schema.json")),
        "config/node.schema.json is stale: run this test with -Dprobity.updateGolden=true");
    assertEquals(
        ConfigSchema.sample(),
        Files.readString(folder.resolve("node.sample.yaml")),
        "config/node.sample.yaml is stale: run this test with -Dprobity.updateGolden=true");
    NodeConfig sample = NodeConfig.load(folder.resolve("node.sample.yaml"), Map.of(), Map.of());
    assertEquals(load(MINIMAL).client(), sample.client());
    assertEquals(
        List.of("bank-a", "bank-b"),
        List.copyOf(AddressBook.load(folder.resolve("address-book.sample.yaml")).nodes()));
  }

  @Test
  void theSampleShowsTheDefaults() throws IOException {
    // Uncommenting every line must change nothing.
    String all =
        ConfigSchema.sample()
            .lines()
            .filter(line -> !line.contains("passphraseFile"))
            .map(line -> line.matches("  # [a-zA-Z]+: \\S+") ? "  " + line.substring(4) : line)
            .reduce("", (a, b) -> a + b + "\n");
    EffectiveConfig written = EffectiveConfig.load(write(all), Map.of(), Map.of());
    EffectiveConfig defaults = EffectiveConfig.load(write(MINIMAL), Map.of(), Map.of());
    assertEquals(defaults.shown(), written.shown());
    assertEquals(Optional.of(ConfigSource.FILE), written.sourceOf("client.port"));
  }
}
