package org.probity.scoring;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Protobuf by hand: these messages are too small for generated code. */
final class Wire {
  private Wire() {}

  static UnknownFieldSet.Field bytes(ByteString value) {
    return UnknownFieldSet.Field.newBuilder().addLengthDelimited(value).build();
  }

  /** The one byte string of a field; throws IllegalArgumentException if there is not one. */
  static ByteString bytes(UnknownFieldSet message, int field) {
    if (message.getField(field).getLengthDelimitedList().size() != 1) {
      throw new IllegalArgumentException("field " + field + " is missing");
    }
    return message.getField(field).getLengthDelimitedList().get(0);
  }

  static UnknownFieldSet.Field bits(double value) {
    return UnknownFieldSet.Field.newBuilder().addFixed64(Double.doubleToRawLongBits(value)).build();
  }

  static double bits(UnknownFieldSet message, int field) {
    if (message.getField(field).getFixed64List().size() != 1) {
      throw new IllegalArgumentException("field " + field + " is missing");
    }
    return Double.longBitsToDouble(message.getField(field).getFixed64List().get(0));
  }

  static ByteString doubles(double[] values) {
    ByteBuffer buffer =
        ByteBuffer.allocate(values.length * Double.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    Arrays.stream(values).forEach(buffer::putDouble);
    return ByteString.copyFrom(buffer.flip());
  }

  static double[] doubles(ByteString packed) {
    if (packed.size() % Double.BYTES != 0) {
      throw new IllegalArgumentException("not a sequence of doubles");
    }
    double[] values = new double[packed.size() / Double.BYTES];
    packed.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN).asDoubleBuffer().get(values);
    return values;
  }
}
