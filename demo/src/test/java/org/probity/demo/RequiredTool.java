package org.probity.demo;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** A program of the machine that a test needs: absent is a visible skip, and a failure in CI. */
public final class RequiredTool {
  private RequiredTool() {}

  /** Where it is. */
  public static Path find(String name) {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
        .map(directory -> Path.of(directory, name))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(() -> absent("this machine has no " + name));
  }

  /** strace where the kernel lets it trace: in a container it may not. */
  public static Path strace() throws IOException, InterruptedException {
    Path strace = find("strace");
    Process tried =
        new ProcessBuilder(strace.toString(), "-f", "-qq", "-o", "/dev/null", "true")
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (!tried.waitFor(1, TimeUnit.MINUTES) || tried.exitValue() != 0) {
      tried.destroyForcibly();
      throw absent("strace may trace nothing here: ptrace is forbidden");
    }
    return strace;
  }

  private static AssertionError absent(String message) {
    if ("true".equals(System.getenv("CI"))) {
      fail(message + ", and CI=true");
    }
    System.err.println("SKIPPED: " + message);
    Assumptions.abort(message);
    return new AssertionError(message);
  }
}
