package org.probity.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.probity.node.http.api.Polling;
import org.probity.node.testing.ChildJvm;

/** What an operator is told when a machine is not as a node needs it: one line, and the remedy. */
@Timeout(300)
class NodeStartRefusedTest {
  @TempDir static Path temporary;
  private static Path banks;

  /** Each test has a bank of its own: what one breaks does not matter to the next. */
  @BeforeAll
  static void found() {
    banks = temporary.resolve("banks");
    RunningConsortium.Run founded =
        RunningConsortium.run(
            "network",
            "init",
            "--nodes=4",
            "--faults=1",
            "--witnesses=3",
            "--base-port=0",
            "--dir=" + banks);
    assertEquals(0, founded.exit(), founded.err());
  }

  /** How a start ended. */
  private record Refused(int exit, String err) {}

  private static Path config(String bank) {
    return banks.resolve("nodes").resolve(bank).resolve("node.yaml");
  }

  private static ChildJvm start(Path stderr, String bank, List<String> options, String... more)
      throws Exception {
    String[] arguments = new String[more.length + 3];
    arguments[0] = "node";
    arguments[1] = "start";
    arguments[2] = "--config=" + config(bank);
    System.arraycopy(more, 0, arguments, 3, more.length);
    return ChildJvm.start(
        ProcessBuilder.Redirect.to(stderr.toFile()), List.of(), options, Probity.class, arguments);
  }

  private static Refused refused(String bank, List<String> options, String... more)
      throws Exception {
    Path stderr = temporary.resolve("stderr-" + bank);
    try (ChildJvm node = start(stderr, bank, options, more)) {
      assertNull(node.readLine(), "it became ready");
      return new Refused(node.await(), Files.readString(stderr));
    }
  }

  private static void assertTellsTheRemedy(Refused refused, String folder) {
    assertEquals(1, refused.exit(), refused.err());
    List<String> told = refused.err().lines().filter(line -> line.startsWith("probity: ")).toList();
    assertEquals(1, told.size(), refused.err());
    assertTrue(
        told.get(0).contains("native library cannot be unpacked to " + folder), refused.err());
    assertTrue(
        told.get(0).contains("choose another with -Dlmdbjava.extract.dir=DIR"), refused.err());
    assertTrue(!refused.err().contains("\tat "), refused.err());
  }

  /** Where no folder can be made either, also not by root. */
  private static Path noFolder() throws Exception {
    return Files.createTempFile(temporary, "no", "folder").resolve("below");
  }

  @Test
  void needsNoTemporaryFolder() throws Exception {
    Path stderr = temporary.resolve("stderr");
    Path nowhere = noFolder();
    // Nobody else runs, so it is reachable and waits for the others.
    Path ready = config("bank-a").resolveSibling("ready.json");
    try (ChildJvm node = start(stderr, "bank-a", List.of("-Djava.io.tmpdir=" + nowhere))) {
      assertTrue(
          Polling.LOCAL.await(Duration.ofSeconds(60), () -> Files.exists(ready)),
          () -> read(stderr));
      node.terminate();
      assertEquals(143, node.await());
      assertNull(node.readLine(), "it was ready");
    }
    assertTrue(Files.notExists(ready));
    assertTrue(!read(stderr).contains("probity: "), () -> read(stderr));
  }

  @Test
  void namesAFolderForTheNativeLibraryThatIsNone() throws Exception {
    Path native_ = banks.resolve("nodes/bank-b/data/native");
    Files.deleteIfExists(native_);
    Files.writeString(native_, "in the way");
    assertTellsTheRemedy(refused("bank-b", List.of()), native_.toString());
  }

  @Test
  void namesTheFolderThatTheOperatorHasChosenForIt() throws Exception {
    Path nowhere = noFolder();
    assertTellsTheRemedy(
        refused(
            "bank-c",
            List.of("-Dlmdbjava.extract.dir=" + nowhere, "-Djffi.extract.dir=" + nowhere)),
        nowhere.toString());
  }

  @Test
  void namesTheListenerThatCannotHaveItsPort() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      for (String listener : List.of("client", "peer", "operations")) {
        Refused refused =
            refused("bank-d", List.of(), "--set=" + listener + ".port=" + taken.getLocalPort());
        assertEquals(1, refused.exit(), refused.err());
        String port = ":" + taken.getLocalPort() + " (Address already in use)";
        assertTrue(refused.err().contains("the listener for " + listener), refused.err());
        assertTrue(refused.err().contains(port), refused.err());
        assertTrue(
            refused.err().contains("stop what uses it, or set " + listener + ".port"),
            refused.err());
        assertTrue(!refused.err().contains("\tat "), refused.err());
      }
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
