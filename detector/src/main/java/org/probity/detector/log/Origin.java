package org.probity.detector.log;

import java.util.HexFormat;
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

  private static final String SCHEME = "probity/";

  /** Where the network id begins, and where the node's id does. */
  private static final int NETWORK_ID = SCHEME.length();

  private static final int NODE = NETWORK_ID + 2 * Hash.BYTES + 1;

  public Origin {
    Identifier.require(node);
    EntryFields.requireUint(incarnation, "incarnation");
  }

  /** Inverse of {@link #format}; code {@code bad_origin}. */
  public static Origin parse(String text) throws DecodeException {
    int nodeEnd = text.indexOf('/', NODE);
    boolean isShaped =
        text.length() <= MAX_BYTES
            && nodeEnd >= 0
            && text.startsWith(SCHEME)
            && text.charAt(NODE - 1) == '/';
    if (!isShaped) {
      throw new DecodeException("bad_origin", "not an origin of this software");
    }
    String node = text.substring(NODE, nodeEnd);
    if (!Identifier.isValid(node)) {
      throw new DecodeException("bad_origin", "a bad node id");
    }
    // Upper-case hex would be a second spelling.
    if (!isLowerHex(text, NETWORK_ID, NODE - 1)) {
      throw new DecodeException("bad_origin", "a network id that is not lower-case hex");
    }
    Hash networkId = Hash.of(HexFormat.of().parseHex(text, NETWORK_ID, NODE - 1));
    try {
      return new Origin(networkId, node, StrictText.decimal(text.substring(nodeEnd + 1)));
    } catch (DecodeException e) {
      throw new DecodeException("bad_origin", "a bad incarnation");
    }
  }

  private static boolean isLowerHex(String text, int from, int to) {
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
        return false;
      }
    }
    return true;
  }

  public String format() {
    return SCHEME + networkId.toHex() + "/" + node + "/" + incarnation;
  }

  @Override
  public String toString() {
    return format();
  }
}
