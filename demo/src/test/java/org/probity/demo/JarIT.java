package org.probity.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.audit.ConformanceAudit;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.Replay;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.evidence.ByzantineLog;
import org.probity.detector.evidence.EvidenceVerifier;
import org.probity.detector.governance.Parameters;
import org.probity.detector.node.TestNetwork;
import org.probity.ledger.program.LedgerProgram;
import org.probity.ledger.transaction.LedgerParameters;
import org.probity.node.http.api.Polling;

/**
 * The jars run with {@code java -jar} and no option: their manifests say what the JVM must know.
 */
@Timeout(120)
class JarIT {
  private static final Path LIB = Path.of("target", "lib");

  @TempDir Path temporary;

  private static Path jar(String module) throws IOException {
    try (Stream<Path> jars = Files.list(LIB)) {
      return jars.filter(jar -> jar.getFileName().toString().matches(module + "-[0-9].*\\.jar"))
          .findFirst()
          .orElseThrow(() -> new AssertionError("no jar of " + module + " in " + LIB));
    }
  }

  private Process java(String module, Path stderr, String... arguments) throws IOException {
    return java(jar(module), stderr, arguments);
  }

  private static Process java(Path jar, Path stderr, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-jar", jar.toString()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectError(stderr.toFile()).start();
  }

  private static int await(Process process) throws InterruptedException {
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("did not end");
    }
    return process.exitValue();
  }

  private Process start(Path folder, String node, Path stderr) throws IOException {
    return java(
        "ledger-node",
        stderr,
        "node",
        "start",
        "--exit-with-stdin",
        "--config=" + folder.resolve("nodes/" + node + "/node.yaml"));
  }

  @Test
  void aNodeRunsWithoutOptionsAndWithoutWarnings() throws Exception {
    Path folder = temporary.resolve("banks");
    Path stderr = temporary.resolve("stderr");
    Process init =
        java(
            "demo",
            stderr,
            "network",
            "init",
            "--nodes=2",
            "--faults=0",
            "--witnesses=1",
            "--base-port=0",
            "--dir=" + folder);
    init.getInputStream().readAllBytes();
    assertEquals(0, await(init), () -> read(stderr));
    assertEquals("", read(stderr));

    // It asks its witness before it signs anything.
    Process witness = start(folder, "bank-b", temporary.resolve("stderr of the witness"));
    try {
      Path reachable = folder.resolve("nodes/bank-b/ready.json");
      assertTrue(
          Polling.LOCAL.await(Duration.ofMinutes(1), () -> Files.exists(reachable)),
          "the witness is not reachable");
      Process node = start(folder, "bank-a", stderr);
      try (BufferedReader out =
          new BufferedReader(
              new InputStreamReader(node.getInputStream(), StandardCharsets.UTF_8))) {
        String ready = out.readLine();
        assertTrue(ready != null && ready.startsWith("{\"node\":\"bank-a\""), () -> read(stderr));
        node.getOutputStream().close();
        assertEquals(0, await(node));
      } finally {
        node.destroyForcibly();
      }
    } finally {
      witness.destroyForcibly();
    }
    assertEquals(List.of(), warnings(read(stderr)));
  }

  @Test
  void theVerifierRunsBesideItsFewJars() throws Exception {
    Path stderr = temporary.resolve("stderr");
    Process verifier = java("ledger", stderr, "/nowhere", "--genesis", "/nowhere");
    verifier.getInputStream().readAllBytes();
    assertTrue(List.of(1, 3).contains(await(verifier)), () -> read(stderr));
    assertTrue(!read(stderr).contains("NoClassDefFound"), () -> read(stderr));
  }

  /** The verifier in one file, alone in a folder: nothing beside it can help. */
  private Path verifier() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("..", "ledger", "target"))) {
      Path built =
          files
              .filter(file -> file.getFileName().toString().matches("probity-verifier-.*\\.jar"))
              .findFirst()
              .orElseThrow(() -> new AssertionError("package ledger first"));
      return Files.copy(
          built, Files.createDirectory(temporary.resolve("alone")).resolve("probity-verifier.jar"));
    }
  }

  @Test
  void theVerifierInOneFileNeedsAJdkAndNothingElse() throws Exception {
    LedgerProgram program = new LedgerProgram();
    TestNetwork network =
        TestNetwork.of(
            Parameters.of(0, 1),
            program.id(),
            new LedgerParameters(List.of(), new TreeMap<>()).encode(),
            "alpha",
            "beta");
    Path genesis = temporary.resolve("genesis.cbor");
    Files.write(genesis, network.genesis().encoded().toArray());
    byte[] evidence = wrongStateRoot(network, program).toArray();
    Path file = Files.write(temporary.resolve("evidence.bin"), evidence);
    Path jar = verifier();

    Verdict proven = verdict(jar, genesis, file);
    assertEquals(0, proven.exit(), proven.toString());
    assertTrue(proven.out().contains("\"verdict\":\"PROVEN\""), proven.toString());
    assertTrue(proven.out().contains("\"kind\":\"INVALID_TRANSITION\""), proven.toString());
    assertTrue(proven.out().contains("\"node\":\"alpha\""), proven.toString());

    evidence[evidence.length / 2] ^= 1;
    Files.write(file, evidence);
    Verdict rejected = verdict(jar, genesis, file);
    assertEquals(10, rejected.exit(), rejected.toString());
    assertTrue(rejected.out().contains("\"verdict\":\"REJECTED\""), rejected.toString());
    assertEquals(3, verdict(jar, file, genesis).exit(), "the other way round");
  }

  private record Verdict(int exit, String out, String err) {}

  private Verdict verdict(Path jar, Path genesis, Path file) throws Exception {
    Path stderr = temporary.resolve("stderr");
    Process verifier = java(jar, stderr, genesis.toString(), file.toString());
    String out =
        new String(verifier.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    int exit = await(verifier);
    assertEquals(List.of(), warnings(read(stderr)));
    return new Verdict(exit, out, read(stderr));
  }

  /** What alpha's witness can show of it: the program has to be executed to see the fault. */
  private static Bytes wrongStateRoot(TestNetwork network, LedgerProgram program) {
    Machine machine = new Machine(network.genesis(), network.node("alpha"), program);
    ByzantineLog log =
        new ByzantineLog(network, machine)
            .genesis()
            .tick(TestNetwork.FOUNDED_MILLIS + 1)
            .endState()
            .tick(TestNetwork.FOUNDED_MILLIS + 2)
            .endState(Hash.sha256());
    StatementVerifier statements =
        new StatementVerifier(SignatureRule.fastest(), network.genesis().networkId());
    ConformanceAudit audit = new ConformanceAudit(machine);
    for (long index = 0; index < log.size(); index++) {
      audit.feed(Replay.prepare(log.entry(index), "alpha", statements));
    }
    return audit
        .finding()
        .orElseThrow()
        .prove(
            log.checkpoint(),
            log,
            new EvidenceVerifier(network.genesis(), Map.of(program.id(), program)))
        .evidence()
        .orElseThrow()
        .encoded();
  }

  /** Signatures over jars that are no more would make every class of it unusable. */
  @Test
  void theVerifierInOneFileNamesWhatIsInItAndClaimsNobodysSignature() throws Exception {
    try (JarFile jar = new JarFile(verifier().toFile())) {
      List<String> names = jar.stream().map(JarEntry::getName).toList();
      assertEquals(names.size(), new HashSet<>(names).size(), "the same name twice");
      assertEquals(
          List.of(),
          names.stream().filter(name -> name.matches("META-INF/[^/]*\\.(SF|RSA|DSA|EC)")).toList());
      assertEquals(
          List.of(), names.stream().filter(name -> name.endsWith("module-info.class")).toList());
      assertEquals(1, names.stream().filter("META-INF/NOTICE"::equals).count());
      assertEquals("true", jar.getManifest().getMainAttributes().getValue("Multi-Release"));
      assertNull(jar.getManifest().getMainAttributes().getValue("Class-Path"));
    }
  }

  /**
   * No manifest can allow what LMDB's binding does with sun.misc.Unsafe; JDK 24 complains of it.
   */
  private static List<String> warnings(String stderr) {
    boolean complains = Runtime.version().feature() >= 24;
    return stderr
        .lines()
        .filter(line -> line.startsWith("WARNING") || line.contains(" WARN "))
        .filter(line -> !(complains && line.startsWith("WARNING") && isAboutUnsafe(line)))
        .toList();
  }

  private static boolean isAboutUnsafe(String line) {
    return line.contains("sun.misc.Unsafe") || line.contains("UnsafeProxy");
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
