package org.probity.detector.log;

import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.DecodeException;

/**
 * The text form of node and member ids: {@code [a-z0-9][a-z0-9-]{0,30}}.
 *
 * <p>Narrow on purpose: such an id needs no escaping in an origin line, a path, a URL or a file
 * name, has one spelling, and no look-alike.
 */
public final class Identifier {
  public static final int MAX_BYTES = 31;

  private Identifier() {}

  /** Whether {@code text} is a valid id. Total, at most {@link #MAX_BYTES} characters looked at. */
  public static boolean isValid(String text) {
    if (text.isEmpty() || text.length() > MAX_BYTES || text.charAt(0) == '-') {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean isLetter = c >= 'a' && c <= 'z';
      boolean isDigit = c >= '0' && c <= '9';
      if (!isLetter && !isDigit && c != '-') {
        return false;
      }
    }
    return true;
  }

  /** {@code text} itself; an invalid id is our bug. */
  public static String require(String text) {
    if (!isValid(text)) {
      throw new IllegalArgumentException("not an id: " + text);
    }
    return text;
  }

  /** Reads an id; fails with {@code bad_id} on any other text. */
  public static String read(CborReader in) throws DecodeException {
    String text = in.text(MAX_BYTES);
    if (!isValid(text)) {
      throw new DecodeException("bad_id", "not a node or member id");
    }
    return text;
  }
}
