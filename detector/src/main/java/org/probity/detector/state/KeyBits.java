package org.probity.detector.state;

import java.util.Arrays;

/**
 * A key as a string of bits in which no key is a prefix of another and whose order is the unsigned
 * order of the keys.
 *
 * <p>Byte {@code i} of a key occupies nine positions: {@code 9i} is 1 ("there is a byte here"),
 * {@code 9i+1 .. 9i+8} are its bits, the most significant first. Everything after the last byte is
 * 0. So a key and its extension first differ at the extension's "there is a byte" bit, and the
 * shorter one, having 0 there, comes first.
 *
 * <p>Example: the key {@code 41 00} is {@code 1 01000001 1 00000000 0 0…}; it first differs from
 * {@code 41} at position 9.
 */
final class KeyBits {
  static final int BITS_PER_BYTE = 9;

  /** The last position at which two keys of at most {@link StateTree#MAX_KEY_BYTES} can differ. */
  static final int MAX_POSITION = BITS_PER_BYTE * StateTree.MAX_KEY_BYTES - 1;

  /** What {@link #firstDifference} says of equal keys: smaller than every position. */
  static final int NONE = -1;

  private KeyBits() {}

  static int bit(byte[] key, int position) {
    return bit(key, 0, key.length, position);
  }

  /** The bit at a position of the key that lies in {@code array[from, to)}. */
  static int bit(byte[] array, int from, int to, int position) {
    int index = from + position / BITS_PER_BYTE;
    if (index >= to) {
      return 0;
    }
    int within = position % BITS_PER_BYTE;
    return within == 0 ? 1 : (array[index] >>> (8 - within)) & 1;
  }

  /** The last position with a 1; {@link #NONE} of the empty key. */
  static int lastOne(byte[] key) {
    if (key.length == 0) {
      return NONE;
    }
    int index = key.length - 1;
    int last = key[index] & 0xff;
    int within = last == 0 ? 0 : 8 - Integer.numberOfTrailingZeros(last);
    return BITS_PER_BYTE * index + within;
  }

  /** The first position at which two keys differ, or {@link #NONE}. */
  static int firstDifference(byte[] a, int aFrom, int aTo, byte[] b, int bFrom, int bTo) {
    int index = Arrays.mismatch(a, aFrom, aTo, b, bFrom, bTo);
    if (index < 0) {
      return NONE;
    }
    if (aFrom + index == aTo || bFrom + index == bTo) {
      return BITS_PER_BYTE * index;
    }
    int difference = (a[aFrom + index] ^ b[bFrom + index]) & 0xff;
    return BITS_PER_BYTE * index + 1 + Integer.numberOfLeadingZeros(difference << 24);
  }
}
