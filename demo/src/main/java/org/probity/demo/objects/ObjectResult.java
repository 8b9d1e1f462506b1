package org.probity.demo.objects;

import java.util.Locale;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;

/**
 * What became of an operation, as its log entry records it.
 *
 * @param content of the object if {@link Code#FOUND}, else empty
 */
public record ObjectResult(Code code, Bytes content) {

  /** The number is the wire format; of several things wrong the lowest number is reported. */
  public enum Code {
    STORED(0),
    FOUND(1),
    NO_SUCH_OBJECT(2),
    MALFORMED(3),
    NOT_THE_OWNER(4),
    NO_SUCH_NODE(5);

    private final int number;

    Code(int number) {
      this.number = number;
    }

    /** The number on the wire. */
    public int number() {
      return number;
    }

    /** The stable name in texts: {@code no_such_object}. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public ObjectResult {
    if (code != Code.FOUND && !content.isEmpty()) {
      throw new IllegalArgumentException(code.label() + " has no content");
    }
  }

  static ObjectResult of(Code code) {
    return new ObjectResult(code, Bytes.EMPTY);
  }

  static ObjectResult found(Bytes content) {
    return new ObjectResult(Code.FOUND, content);
  }

  public Bytes encode() {
    return new CborWriter().array(2).uint(code.number()).bytes(content).toBytes();
  }

  public static ObjectResult decode(Bytes encoded) throws DecodeException {
    CborReader in = new CborReader(encoded);
    in.arrayHeader(2);
    Code code = Code.values()[in.uintMaxInt(Code.values().length - 1)];
    Bytes content = in.bytesUpTo(ObjectOperation.MAX_CONTENT_BYTES);
    in.end();
    if (code != Code.FOUND && !content.isEmpty()) {
      throw new DecodeException("invalid_outcome", code.label() + " has no content");
    }
    return new ObjectResult(code, content);
  }
}
