package org.probity.detector.state;

/**
 * A fork: all keys below agree before the critical position; those on the left have 0 there, those
 * on the right 1. Positions strictly increase from the root downward.
 */
final class Interior extends Node {
  private final short position;
  final Node left;
  final Node right;

  Interior(int position, Node left, Node right) {
    this.position = (short) position;
    this.left = left;
    this.right = right;
  }

  /** The critical position, at most {@link KeyBits#MAX_POSITION}. */
  int position() {
    return position;
  }

  Node child(int bit) {
    return bit == 0 ? left : right;
  }

  /** This fork with the child on one side replaced. */
  Interior with(int bit, Node child) {
    return bit == 0 ? new Interior(position, child, right) : new Interior(position, left, child);
  }

  /** The fork between a subtree and a leaf outside it. */
  static Interior between(int position, Node subtree, int leafBit, Leaf leaf) {
    return leafBit == 0
        ? new Interior(position, leaf, subtree)
        : new Interior(position, subtree, leaf);
  }
}
