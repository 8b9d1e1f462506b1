package org.probity.node.http.wire;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;

/**
 * Cuts a byte stream into frames, each after its length as four bytes, big-endian. A length of zero
 * is a heart-beat and comes out as an empty frame.
 *
 * <p>Holds at most one incomplete frame. Single owner.
 */
public final class LengthPrefix {
  /** What keeps an idle stream alive. */
  public static final Buffer HEART_BEAT = Buffer.buffer(new byte[4]);

  private static final int HEAD_BYTES = 4;

  private final int maxFrameBytes;
  private Buffer pending = Buffer.buffer();

  public LengthPrefix(int maxFrameBytes) {
    this.maxFrameBytes = maxFrameBytes;
  }

  /** A frame with its length in front. */
  public static Buffer encode(Bytes frame) {
    return Buffer.buffer(HEAD_BYTES + frame.size())
        .appendInt(frame.size())
        .appendBytes(frame.unsafeArray());
  }

  /**
   * The frames that {@code arrived} completes.
   *
   * @throws DecodeException {@code frame_too_long}; the stream is of no use then
   */
  public List<Bytes> accept(Buffer arrived) throws DecodeException {
    pending = pending.length() == 0 ? arrived : pending.appendBuffer(arrived);
    List<Bytes> frames = new ArrayList<>();
    int position = 0;
    while (pending.length() - position >= HEAD_BYTES) {
      long length = pending.getUnsignedInt(position);
      if (length > maxFrameBytes) {
        throw new DecodeException(
            "frame_too_long", "a frame of " + length + " bytes, at most " + maxFrameBytes);
      }
      int end = position + HEAD_BYTES + (int) length;
      if (end > pending.length()) {
        break;
      }
      frames.add(Bytes.wrap(pending.getBytes(position + HEAD_BYTES, end)));
      position = end;
    }
    if (position > 0) {
      // A copy, so that a few pending bytes do not hold a large network buffer.
      pending = pending.getBuffer(position, pending.length());
    }
    return frames;
  }

  /** Whether the stream stands inside a frame. */
  public boolean midFrame() {
    return pending.length() > 0;
  }
}
