package org.probity.node.runtime;

/** A node cannot be started; the message says what to do about it. */
public final class StartException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String code;

  public StartException(String code, String message) {
    super(message);
    this.code = code;
  }

  public StartException(String code, String message, Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  /** Stable, lower_snake. */
  public String code() {
    return code;
  }
}
