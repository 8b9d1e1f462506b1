package org.probity.node.config;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import org.probity.node.access.Callers;

/**
 * The file of callers as it is now: what is taken out of it is over within seconds, without a
 * restart. A file that cannot be used changes nothing. Thread-safe.
 */
public final class LiveCallers implements Supplier<Callers> {
  private final Optional<Path> file;
  private volatile Callers known;
  private volatile String trouble = "";

  private LiveCallers(Optional<Path> file, Callers known) {
    this.file = file;
    this.known = known;
  }

  /**
   * Reads the file for the first time.
   *
   * @throws ConfigException with everything that is wrong
   */
  public static LiveCallers of(Optional<Path> file) {
    return new LiveCallers(file, file.map(CallersFile::load).orElse(Callers.NOBODY));
  }

  /**
   * Reads it again.
   *
   * @return whether it says something else than before
   */
  public synchronized boolean refresh() {
    if (file.isEmpty()) {
      return false;
    }
    try {
      Callers read = CallersFile.load(file.get());
      trouble = "";
      boolean isOther = !read.all().equals(known.all());
      known = read;
      return isOther;
    } catch (ConfigException e) {
      trouble = String.valueOf(e.getMessage());
      return false;
    }
  }

  /** Why the file as it is now is not in use; empty if it is. */
  public String trouble() {
    return trouble;
  }

  @Override
  public Callers get() {
    return known;
  }
}
