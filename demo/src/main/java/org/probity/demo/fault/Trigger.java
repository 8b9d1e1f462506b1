package org.probity.demo.fault;

import java.nio.file.Files;
import java.nio.file.Path;

/** The signal to start cheating: a file. Once seen, it stays given. */
public final class Trigger {
  /** In the culprit's folder. */
  public static final String FILE = "misbehave";

  private final Path file;
  private volatile boolean given;

  public Trigger(Path folder) {
    this.file = folder.resolve(FILE);
  }

  public boolean isGiven() {
    if (!given && Files.exists(file)) {
      given = true;
    }
    return given;
  }
}
