package org.probity.node.identity;

/**
 * A key or certificate file of ours is not usable. {@link #code} is stable and meant for machines;
 * the message names the file and the remedy.
 */
public final class IdentityException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String code;

  public IdentityException(String code, String message) {
    super(message);
    this.code = code;
  }

  public IdentityException(String code, String message, Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  public String code() {
    return code;
  }
}
