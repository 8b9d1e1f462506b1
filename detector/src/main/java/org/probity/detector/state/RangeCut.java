package org.probity.detector.state;

import org.jspecify.annotations.Nullable;

/**
 * Cuts all keys with {@code from <= key < to} out of a tree without looking at them.
 *
 * <p>On the way down each bound is <i>inside</i> the subtree at hand, or all its keys are on one
 * side of it. A bound is inside only along the path of its own bits, and no further than where the
 * {@link Trie#candidate} of the bound, the key at the end of that path, first differs from it: from
 * there on the keys all stand on the side on which the candidate does. A subtree with both bounds
 * settled is kept or dropped as a whole, unseen. A fork that loses one side vanishes.
 */
final class RangeCut {
  /** Where the keys of a subtree are with respect to a bound. */
  private enum Side {
    BEFORE,
    INSIDE,
    FROM_ON
  }

  private final Bound from;
  private final Bound to;

  private RangeCut(Bound from, Bound to) {
    this.from = from;
    this.to = to;
  }

  /** What is left, or null. Recursion is at most {@link KeyBits#MAX_POSITION} deep. */
  static @Nullable Node without(
      Node root, byte[] from, byte @Nullable [] to, @Nullable Trace trace) {
    Bound lower = Bound.of(root, from, trace);
    if (to == null) {
      return new RangeCut(lower, lower).cut(root, Side.INSIDE, Side.BEFORE);
    }
    return new RangeCut(lower, Bound.of(root, to, trace)).cut(root, Side.INSIDE, Side.INSIDE);
  }

  private @Nullable Node cut(Node node, Side ofFrom, Side ofTo) {
    Side lower = ofFrom == Side.INSIDE ? from.sideOf(node) : ofFrom;
    Side upper = ofTo == Side.INSIDE ? to.sideOf(node) : ofTo;
    if (lower == Side.BEFORE || upper == Side.FROM_ON) {
      return node;
    }
    if (lower == Side.FROM_ON && upper == Side.BEFORE) {
      return null;
    }
    // A bound can be inside of forks only.
    Interior fork = (Interior) node;
    Node left = cut(fork.left, from.below(lower, fork, 0), to.below(upper, fork, 0));
    Node right = cut(fork.right, from.below(lower, fork, 1), to.below(upper, fork, 1));
    if (left == fork.left && right == fork.right) {
      return node;
    }
    if (left == null || right == null) {
      return left == null ? right : left;
    }
    return new Interior(fork.position(), left, right);
  }

  /** One end of the range. */
  private static final class Bound {
    private final byte[] key;

    /** Where the candidate first differs from it, or {@link KeyBits#NONE}. */
    private final int difference;

    private Bound(byte[] key, int difference) {
      this.key = key;
      this.difference = difference;
    }

    static Bound of(Node root, byte[] key, @Nullable Trace trace) {
      return new Bound(key, Trie.candidate(root, key, trace).firstDifference(key));
    }

    /** Of a subtree on the way along the bits of this bound. */
    Side sideOf(Node node) {
      boolean parted =
          !(node instanceof Interior fork)
              || (difference != KeyBits.NONE && fork.position() > difference);
      if (!parted) {
        return Side.INSIDE;
      }
      return difference != KeyBits.NONE && KeyBits.bit(key, difference) == 1
          ? Side.BEFORE
          : Side.FROM_ON;
    }

    /** Of one side of a fork, given the side of the fork. */
    Side below(Side ofFork, Interior fork, int bit) {
      int own = KeyBits.bit(key, fork.position());
      if (ofFork != Side.INSIDE || own == bit) {
        return ofFork;
      }
      return own == 1 ? Side.BEFORE : Side.FROM_ON;
    }
  }
}
