package org.probity.detector.commitment;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
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
    return key(kind, new byte[0]);
  }

  /** A system-state key of one SEND on this channel. */
  Bytes key(char kind, long sequence) {
    return key(kind, ByteBuffer.allocate(Long.BYTES).putLong(sequence).array());
  }

  private Bytes key(char kind, byte[] tail) {
    byte[] name = node.getBytes(StandardCharsets.US_ASCII);
    return Bytes.wrap(
        ByteBuffer.allocate(1 + name.length + 1 + tail.length)
            .put((byte) kind)
            .put(name)
            .put((byte) 0)
            .put(tail)
            .array());
  }
}
