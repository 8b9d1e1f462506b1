package org.probity.detector.state;

/**
 * The two bytes each disclosed node starts with: what it is in the upper two bits, a number in the
 * other fourteen.
 *
 * <pre>
 * 0x0000           the empty tree                               the whole witness
 * 0x3fff hash      a tree of which nothing is disclosed         the whole witness
 * 0x0000 | n       leaf: key of n bytes, u16 value length, value
 * 0x4000 | p       fork at position p: left node, hash of the right
 * 0x8000 | p       fork at position p: hash of the left, right node
 * 0xc000 | p       fork at position p: left node, right node
 * </pre>
 */
final class WitnessFormat {
  static final int LEAF = 0x0000;
  static final int LEFT = 0x4000;
  static final int RIGHT = 0x8000;
  static final int BOTH = 0xc000;

  static final int KIND_MASK = 0xc000;
  static final int NUMBER_MASK = 0x3fff;

  /** These two are a whole witness, never a part of one. */
  static final int EMPTY_TREE = 0x0000;

  static final int UNDISCLOSED_TREE = 0x3fff;

  private WitnessFormat() {}
}
