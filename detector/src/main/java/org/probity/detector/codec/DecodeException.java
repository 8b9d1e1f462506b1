package org.probity.detector.codec;

/**
 * Somebody's bytes are not what they must be. Checked, because bytes from a peer are expected to be
 * wrong at times: whoever decodes turns this into a verdict, it never leaves the core.
 *
 * <p>{@link #code} is stable and meant for machines; the message is for people.
 */
public final class DecodeException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String code;

  public DecodeException(String code, String message) {
    // Cheap on purpose: hostile bytes must not buy a stack trace each.
    super(message, null, false, false);
    this.code = code;
  }

  public String code() {
    return code;
  }
}
