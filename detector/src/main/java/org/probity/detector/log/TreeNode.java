package org.probity.detector.log;

import org.probity.detector.crypto.Hash;

/**
 * One complete subtree: the leaves {@code [index * 2^level, (index + 1) * 2^level)} and their hash.
 * Level 0 is a leaf hash. Final once made: what a store keeps, it keeps for ever.
 */
public record TreeNode(int level, long index, Hash hash) {
  public TreeNode {
    if (level < 0 || level > TreeShape.MAX_LEVEL || index < 0) {
      throw new IllegalArgumentException("no node at level " + level + ", index " + index);
    }
  }
}
