package org.probity.detector.log;

import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;

/**
 * Which log: {@code probity/<network id, 64 hex digits>/<node>/<incarnation>} (protocol §2.1). The
 * first line of every checkpoint and the name of the log's key, so consortium, node and incarnation
 * are inside everything a log signs.
 */
public record Origin(Hash networkId, String node, long incarnation) {
  /** The longest origin, in bytes; all ASCII. */
  public static final int MAX_BYTES = 8 + 64 + 1 + Identifier.MAX_BYTES + 1 + 19;

  private static final String SCHEME = "probity";

  public Origin {
    Identifier.require(node);
    EntryFields.requireUint(incarnation, "incarnation");
  }

  /** Inverse of {@link #format}; code {@code bad_origin}. */
  public static Origin parse(String text) throws DecodeException {
    String[] parts = text.length() <= MAX_BYTES ? text.split("/", -1) : new String[0];
    if (parts.length != 4 || !parts[0].equals(SCHEME) || parts[1].length() != 2 * Hash.BYTES) {
      throw new DecodeException("bad_origin", "not an origin of this software");
    }
    if (!Identifier.isValid(parts[2])) {
      throw new DecodeException("bad_origin", "a bad node id");
    }
    // Upper-case hex would be a second spelling.
    if (!isLowerHex(parts[1])) {
      throw new DecodeException("bad_origin", "a network id that is not lower-case hex");
    }
    try {
      return new Origin(Hash.fromHex(parts[1]), parts[2], StrictText.decimal(parts[3]));
    } catch (DecodeException e) {
      throw new DecodeException("bad_origin", "a bad incarnation");
    }
  }

  private static boolean isLowerHex(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
        return false;
      }
    }
    return true;
  }

  public String format() {
    return SCHEME + "/" + networkId.toHex() + "/" + node + "/" + incarnation;
  }

  @Override
  public String toString() {
    return format();
  }
}
