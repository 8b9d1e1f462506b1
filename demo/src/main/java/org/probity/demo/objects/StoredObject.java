package org.probity.demo.objects;

import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.PublicKey;

/** An object as the state has it, and the key of the client that may put it again. */
record StoredObject(Bytes owner, Bytes content) {
  /** With the longest content. */
  static final int MAX_BYTES = PublicKey.BYTES + ObjectOperation.MAX_CONTENT_BYTES + 16;

  Bytes encode() {
    return new CborWriter().array(2).bytes(owner).bytes(content).toBytes();
  }

  /**
   * Null for what these rules never write. A witness's state is the accused's: whatever is in it,
   * execution goes on and gives the same everywhere.
   */
  static @Nullable StoredObject decode(Bytes value) {
    try {
      CborReader in = new CborReader(value);
      in.arrayHeader(2);
      StoredObject decoded =
          new StoredObject(
              in.bytes(PublicKey.BYTES), in.bytesUpTo(ObjectOperation.MAX_CONTENT_BYTES));
      in.end();
      return decoded;
    } catch (DecodeException e) {
      return null;
    }
  }
}
