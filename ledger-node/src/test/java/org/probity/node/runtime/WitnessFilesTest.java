package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.evidence.Court;
import org.probity.detector.governance.Genesis;
import org.probity.detector.log.NoteVerifierKey;
import org.probity.detector.node.TestNetwork;
import org.probity.node.config.NodeConfig;
import org.probity.node.http.TestPki;
import org.probity.node.identity.PemFiles;

/** Files about foreign logs and witnesses that could not do what they are there for. */
class WitnessFilesTest {
  private static final String FOREIGN = "example.com/log";

  @TempDir Path directory;

  private final Genesis genesis = new Court().network().genesis();

  private static String log(String origin) {
    return log(origin, origin);
  }

  private static String log(String origin, String keyOf) {
    return "log "
        + NoteVerifierKey.ofLog(origin, TestNetwork.signer(keyOf).publicKey()).format()
        + "\n";
  }

  private static String witness(String name, String url) {
    NoteVerifierKey key =
        NoteVerifierKey.ofCosigner("example.com/" + name, TestNetwork.signer(name).publicKey());
    return ("witness " + name + " " + key.format() + " " + url).strip() + "\n";
  }

  private Path file(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text);
  }

  private Optional<Path> logs(String text) throws IOException {
    return Optional.of(file("logs.txt", text));
  }

  private Optional<Path> policy(String text) throws IOException {
    return Optional.of(file("policy.txt", text));
  }

  private void check(Optional<Path> logs, Optional<Path> policy, Optional<Path> roots)
      throws StartException {
    WitnessSettings.check(new NodeConfig.Witness(1_000, logs, policy, roots), genesis);
  }

  private void assertRefused(
      String code, String why, Optional<Path> logs, Optional<Path> policy, Optional<Path> roots) {
    StartException refusal = assertThrows(StartException.class, () -> check(logs, policy, roots));
    assertEquals(code, refusal.code());
    assertTrue(String.valueOf(refusal.getMessage()).contains(why), refusal::getMessage);
  }

  private void assertLogsRefused(String why, String text) throws IOException {
    assertRefused("witness_logs_unusable", why, logs(text), Optional.empty(), Optional.empty());
  }

  private void assertPolicyRefused(String why, String text) throws IOException {
    assertRefused("witness_policy_unusable", why, Optional.empty(), policy(text), Optional.empty());
  }

  @Test
  void whatCanBeDoneIsTaken() throws Exception {
    Optional<Path> logs = logs(log(FOREIGN) + "quorum none\n");
    Optional<Path> policy =
        policy(
            witness("one", "https://one.example")
                + witness("two", "")
                + "group any-of any one two\nquorum any-of\n");
    assertDoesNotThrow(() -> check(logs, policy, Optional.empty()));
  }

  /** It would take the place of the ward, whose entries must be here before it is cosigned. */
  @Test
  void aLogOfThisConsortiumIsNotForeign() throws IOException {
    String ward = genesis.origin(genesis.nodes().get(0)).format();
    assertLogsRefused("witness.logsFile: " + ward, log(ward) + "quorum none\n");
    // Nor is one of an incarnation still to come.
    String next = ward.substring(0, ward.lastIndexOf('/')) + "/7";
    assertLogsRefused(next, log(FOREIGN) + log(next) + "quorum none\n");
  }

  @Test
  void aLogHasOneKey() throws IOException {
    assertLogsRefused(
        "witness.logsFile: " + FOREIGN + " is there with two keys",
        log(FOREIGN) + log(FOREIGN, "another") + "quorum none\n");
  }

  @Test
  void aFileWithoutLogsIsAMistake() throws IOException {
    assertLogsRefused("has no line 'log <verifier key>'", "quorum none\n");
    assertLogsRefused("witness.logsFile: ", "hello\n");
  }

  @Test
  void aFileThatIsNotThereIsNamedWithItsKey() {
    Path missing = directory.resolve("missing.txt");
    assertRefused(
        "witness_logs_unusable",
        "witness.logsFile: " + missing + " does not exist",
        Optional.of(missing),
        Optional.empty(),
        Optional.empty());
    assertRefused(
        "witness_policy_unusable",
        "witness.policyFile: " + missing + " does not exist",
        Optional.empty(),
        Optional.of(missing),
        Optional.empty());
  }

  @Test
  void aQuorumThatNobodyCanBeAskedForIsRefused() throws IOException {
    assertPolicyRefused(
        "its quorum cannot be reached",
        witness("one", "https://one.example")
            + witness("two", "")
            + "group both all one two\nquorum both\n");
    assertPolicyRefused("no witness has a URL", witness("one", "") + "quorum one\n");
    assertPolicyRefused("not an https or http URL", witness("one", "ftp://one") + "quorum one\n");
  }

  @Test
  void rootsNeedWitnessesAndCertificates() throws IOException {
    Optional<Path> roots = Optional.of(file("roots.pem", "no certificate\n"));
    assertRefused(
        "witness_roots_unusable",
        "witness.rootsFile",
        Optional.empty(),
        policy(witness("one", "https://one.example") + "quorum one\n"),
        roots);
    assertRefused(
        "witness_roots_unusable",
        "witness.rootsFile",
        Optional.empty(),
        Optional.empty(),
        Optional.of(directory.resolve("missing.pem")));
  }

  @Test
  void rootsWithoutPolicyAreAMistake() throws Exception {
    Path roots = directory.resolve("roots.pem");
    PemFiles.writeCertificates(roots, List.of(new TestPki("witnesses").ca()));
    assertRefused(
        "witness_roots_unusable",
        "witness.policyFile",
        Optional.empty(),
        Optional.empty(),
        Optional.of(roots));
  }
}
