package org.probity.detector;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * Other people's data, which tests read in place and the project does not contain.
 *
 * <p>It is looked for in the directory named by the system property or environment variable {@code
 * PROBITY_DATA}, else in {@code ../shared/data} as seen from the project's root. A test whose file
 * is absent is skipped with a message that says so; with {@code CI=true} it fails.
 */
public final class TestData {
  private static final String VARIABLE = "PROBITY_DATA";

  private TestData() {}

  /** The file or directory at {@code relative}; skips or fails the test if there is none. */
  public static Path path(String relative) {
    Path path = root().resolve(relative).toAbsolutePath().normalize();
    if (!Files.exists(path)) {
      String message = "test data is absent: " + path + " (set " + VARIABLE + ")";
      if ("true".equals(System.getenv("CI"))) {
        Assertions.fail(message);
      }
      System.err.println("SKIPPED: " + message);
      Assumptions.abort(message);
    }
    return path;
  }

  /** The bytes of the file at {@code relative}. */
  public static byte[] bytes(String relative) {
    try {
      return Files.readAllBytes(path(relative));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The project's root directory: the nearest one upwards that has a {@code .mvn}. */
  public static Path projectRoot() {
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      if (Files.isDirectory(at.resolve(".mvn"))) {
        return at;
      }
    }
    throw new IllegalStateException("not inside the project: " + Path.of("").toAbsolutePath());
  }

  private static Path root() {
    String given = System.getProperty(VARIABLE, System.getenv(VARIABLE));
    return given == null || given.isEmpty()
        ? projectRoot().resolve("../shared/data")
        : Path.of(given);
  }
}
