package org.probity.detector.commitment;

import org.probity.detector.codec.Bytes;
import org.probity.detector.governance.NodeRecord;

/**
 * The other end of a channel (protocol.md §5.3): a node, in whatever incarnation. Sequences go on
 * when a node begins another, because its log does.
 */
public record ChannelId(String node) {

  /** No channel at all; a placeholder next to a violation. */
  static final ChannelId NONE = new ChannelId("");

  public static ChannelId to(NodeRecord peer) {
    return new ChannelId(peer.node());
  }

  /** A system-state key of this channel under {@code kind}. */
  Bytes key(char kind) {
    return Bytes.wrap(key(kind, 0));
  }

  /** A system-state key of one SEND on this channel. */
  Bytes key(char kind, long sequence) {
    long rest = sequence;
    byte[] key = key(kind, Long.BYTES);
    for (int at = key.length - 1; at >= key.length - Long.BYTES; at--) {
      key[at] = (byte) rest;
      rest >>>= Byte.SIZE;
    }
    return Bytes.wrap(key);
  }

  /** The kind, the node, a zero, and room for {@code more} bytes. */
  private byte[] key(char kind, int more) {
    byte[] key = new byte[1 + node.length() + 1 + more];
    key[0] = (byte) kind;
    for (int i = 0; i < node.length(); i++) {
      key[1 + i] = (byte) node.charAt(i);
    }
    return key;
  }
}
