package org.probity.demo.objects;

import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.PublicKey;

/** The message by which an object's home hands a copy to another node. */
record ObjectCopy(String name, Bytes owner, Bytes content) {
  /** With the longest name and content. */
  static final int MAX_BYTES =
      ObjectOperation.MAX_NAME_BYTES + PublicKey.BYTES + ObjectOperation.MAX_CONTENT_BYTES + 16;

  Bytes encode() {
    return new CborWriter().array(3).text(name).bytes(owner).bytes(content).toBytes();
  }

  static ObjectCopy decode(Bytes payload) throws DecodeException {
    CborReader in = new CborReader(payload);
    in.arrayHeader(3);
    ObjectCopy decoded =
        new ObjectCopy(
            ObjectOperation.readName(in),
            in.bytes(PublicKey.BYTES),
            in.bytesUpTo(ObjectOperation.MAX_CONTENT_BYTES));
    in.end();
    return decoded;
  }
}
