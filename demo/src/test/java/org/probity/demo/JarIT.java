package org.probity.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

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
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-jar", jar(module).toString()));
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

  @Test
  void aNodeRunsWithoutOptionsAndWithoutWarnings() throws Exception {
    Path folder = temporary.resolve("banks");
    Path stderr = temporary.resolve("stderr");
    Process init =
        java("demo", stderr, "network", "init", "--nodes=4", "--base-port=0", "--dir=" + folder);
    init.getInputStream().readAllBytes();
    assertEquals(0, await(init), () -> read(stderr));
    assertEquals("", read(stderr));

    Process node =
        java(
            "ledger-node",
            stderr,
            "node",
            "start",
            "--exit-with-stdin",
            "--config=" + folder.resolve("nodes/bank-a/node.yaml"));
    try (BufferedReader out =
        new BufferedReader(new InputStreamReader(node.getInputStream(), StandardCharsets.UTF_8))) {
      String ready = out.readLine();
      assertTrue(ready != null && ready.startsWith("{\"node\":\"bank-a\""), () -> read(stderr));
      node.getOutputStream().close();
      assertEquals(0, await(node));
    } finally {
      node.destroyForcibly();
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
