package org.probity.node.store;

/**
 * Where the hash of a complete subtree stands in the order in which appending completes them, which
 * is the post-order of the tree: appending writes at the end only.
 *
 * <p>Leaves 0, 1, 2, 3 stand at 0, 1, 3, 4; the pairs above them at 2 and 5; their root at 6.
 */
final class StoredHashes {
  private StoredHashes() {}

  /**
   * Position of node {@code (level, index)}; constant cost. Before it stand all nodes over the
   * leaves to its left, and those below it.
   */
  static long position(int level, long index) {
    long leavesBefore = index << level;
    long below = (1L << (level + 1)) - 2;
    return count(leavesBefore) + below;
  }

  /** How many complete subtrees a log of {@code size} entries has. */
  static long count(long size) {
    return 2 * size - Long.bitCount(size);
  }

  /** The inverse of {@link #count}; negative if no log has exactly that many. */
  static long sizeOf(long count) {
    // count <= 2 size <= count + 63
    for (long size = count / 2; 2 * size <= count + Long.SIZE; size++) {
      if (count(size) == count) {
        return size;
      }
    }
    return -1;
  }
}
