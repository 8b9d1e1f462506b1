package org.probity.detector.log;

import org.probity.detector.crypto.Hash;

/**
 * How RFC 6962 splits a range of leaves: the left part of {@code n > 1} leaves is the largest power
 * of two smaller than {@code n}. Every range that such splitting reaches from {@code [0, size)}
 * starts at a multiple of the smallest power of two not below its width; a range whose width is a
 * power of two is therefore a complete, stored node, and at most one range per level (the ragged
 * right edge) is not.
 */
final class TreeShape {
  /** Highest level of a complete subtree when sizes are non-negative longs. */
  static final int MAX_LEVEL = 62;

  private TreeShape() {}

  /** The largest power of two smaller than {@code width}, which must be at least 2. */
  static long leftWidth(long width) {
    return Long.highestOneBit(width - 1);
  }

  /**
   * Hash of the leaves {@code [from, to)}, a range reached by splitting. Costs one read for a
   * complete range, else {@code bitCount(to - from)} reads and one hash fewer.
   */
  static Hash range(HashReader reader, long from, long to) {
    long width = to - from;
    int level = Long.numberOfTrailingZeros(width);
    if (width == 1L << level) {
      return reader.node(level, from >>> level);
    }
    // Complete subtrees from right to left, each the left sibling of what is gathered so far.
    Hash hash = reader.node(level, (to - (1L << level)) >>> level);
    long end = to - (1L << level);
    while (end > from) {
      level = Long.numberOfTrailingZeros(end - from);
      end -= 1L << level;
      hash = Rfc6962.interior(reader.node(level, end >>> level), hash);
    }
    return hash;
  }
}
