package org.probity.node.testing;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** A program of the machine that a test needs: absent is a visible skip, and a failure in CI. */
public final class RequiredTool {
  private RequiredTool() {}

  public static Path find(String name) {
    for (String directory :
        System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
      Path candidate = Path.of(directory, name);
      if (Files.isExecutable(candidate)) {
        return candidate;
      }
    }
    throw absent(name);
  }

  /** A directory that a package of the machine installs. */
  public static Path directory(Path directory, String ofPackage) {
    if (!Files.isDirectory(directory)) {
      throw absent(directory + " (package " + ofPackage + ")");
    }
    return directory;
  }

  private static AssertionError absent(String name) {
    String message = "this machine has no " + name;
    if ("true".equals(System.getenv("CI"))) {
      fail(message + ", and CI=true");
    }
    System.err.println("SKIPPED: " + message);
    Assumptions.abort(message);
    return new AssertionError(message);
  }
}
