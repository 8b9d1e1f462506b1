package org.probity.node.config;

import java.util.List;
import java.util.stream.Collectors;

/** The configuration cannot be used. All that is wrong with it, not only the first. */
public final class ConfigException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * One thing that is wrong.
   *
   * @param code stable, for machines: {@code unknown_key}, {@code missing}, {@code invalid}, {@code
   *     duplicate_key}, {@code malformed}, {@code unreadable}
   * @param field the key, {@code client.port}, or the file
   * @param message what is wrong and what to do about it
   */
  public record Problem(String code, String field, String message) {
    @Override
    public String toString() {
      return field + ": " + message + " (" + code + ")";
    }
  }

  // Serialisable by its list type only; nobody serialises it.
  private final transient List<Problem> problems;

  public ConfigException(List<Problem> problems) {
    super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
    this.problems = List.copyOf(problems);
  }

  static ConfigException of(String code, String field, String message) {
    return new ConfigException(List.of(new Problem(code, field, message)));
  }

  /** At least one. */
  public List<Problem> problems() {
    return problems;
  }
}
