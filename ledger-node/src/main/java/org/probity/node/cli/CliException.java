package org.probity.node.cli;

/** A command cannot do what it was asked; becomes one line for people and an exit code. */
public final class CliException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ExitStatus status;
  private final String code;

  /**
   * @param code stable, lower_snake, for machines
   * @param message what is wrong and what to do about it
   */
  public CliException(ExitStatus status, String code, String message) {
    super(message);
    this.status = status;
    this.code = code;
  }

  public CliException(ExitStatus status, String code, String message, Throwable cause) {
    super(message, cause);
    this.status = status;
    this.code = code;
  }

  public static CliException usage(String message) {
    return new CliException(ExitStatus.USAGE, "usage", message);
  }

  public static CliException config(String code, String message) {
    return new CliException(ExitStatus.BAD_CONFIG, code, message);
  }

  public ExitStatus status() {
    return status;
  }

  public String code() {
    return code;
  }

  public String text() {
    return String.valueOf(getMessage());
  }
}
