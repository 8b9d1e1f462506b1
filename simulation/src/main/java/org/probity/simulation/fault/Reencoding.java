package org.probity.simulation.fault;

import java.util.ArrayList;
import java.util.List;
import org.probity.detector.codec.Bytes;

/** The same value in bytes that no encoder writes (protocol.md §3.1): no decoder may take them. */
final class Reencoding {
  private static final int ARRAY = 0x80;
  private static final int ARRAY_OF_ONE_BYTE_LENGTH = 0x98;
  private static final int LARGEST_SHORT_LENGTH = 23;
  private static final int EMPTY_MAP = 0xa0;
  private static final int NULL = 0xf6;

  private Reencoding() {}

  /** The length of a short outermost array in a byte of its own. */
  static Bytes longer(Bytes array) {
    int length = (array.at(0) & 0xff) - ARRAY;
    if (length < 0 || length > LARGEST_SHORT_LENGTH) {
      throw new IllegalArgumentException("does not begin with a short array");
    }
    byte[] longer = new byte[array.size() + 1];
    longer[0] = (byte) ARRAY_OF_ONE_BYTE_LENGTH;
    longer[1] = (byte) length;
    System.arraycopy(array.toArray(), 1, longer, 2, array.size() - 1);
    return Bytes.wrap(longer);
  }

  /** Something behind the end. */
  static Bytes trailed(Bytes value) {
    byte[] trailed = new byte[value.size() + 1];
    System.arraycopy(value.toArray(), 0, trailed, 0, value.size());
    trailed[value.size()] = (byte) NULL;
    return Bytes.wrap(trailed);
  }

  /** Every place where the first empty map of a statement may be, with null in it instead. */
  static List<Bytes> headed(Bytes statement) {
    List<Bytes> headed = new ArrayList<>();
    for (int at = 0; at < statement.size(); at++) {
      if ((statement.at(at) & 0xff) == EMPTY_MAP) {
        byte[] other = statement.toArray();
        other[at] = (byte) NULL;
        headed.add(Bytes.wrap(other));
      }
    }
    return headed;
  }
}
