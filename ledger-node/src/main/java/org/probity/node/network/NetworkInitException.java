package org.probity.node.network;

/** The folder cannot take a new consortium. {@link #code} is stable and meant for machines. */
public final class NetworkInitException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String code;

  NetworkInitException(String code, String message) {
    super(message);
    this.code = code;
  }

  NetworkInitException(String code, String message, Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  public String code() {
    return code;
  }
}
