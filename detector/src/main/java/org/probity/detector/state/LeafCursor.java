package org.probity.detector.state;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The leaves of a tree with {@code from <= key < to}, in order.
 *
 * <p>It looks into as little as the answer needs, because what it visits is what a range proof must
 * disclose: the way to {@code from}, the leaves it returns, and at most one leaf beyond them. The
 * latter only when the bits above do not settle it. Let the last leaf and {@code to} first differ
 * at position c, where {@code to} has the 1, and consider the right side of a fork above the last
 * leaf at position b. Its keys agree with the last leaf before b and have 1 at b. So
 *
 * <ul>
 *   <li>b &lt; c: {@code to} has 0 at b, all of it is beyond;
 *   <li>b = c: it agrees with {@code to} up to c; if {@code to} has no 1 after c, nothing that
 *       begins so is smaller, all of it is beyond (always so when {@code to} ends the range of a
 *       prefix); else it has to be looked into;
 *   <li>b &gt; c: it has 0 at c, all of it is before {@code to}.
 * </ul>
 */
final class LeafCursor {
  private final byte @Nullable [] to;
  private final @Nullable Trace trace;

  /** The last position where {@code to} has a 1. */
  private final int lastOneOfEnd;

  /** Right sides still to come, the next one last, with the positions of their forks. */
  private Node[] pending = new Node[24];

  private int[] positions = new int[24];
  private int depth;

  /** The subtree to go on with before what is pending. */
  private @Nullable Node upcoming;

  /** Where the last leaf and {@code to} first differ: {@code to} has the 1. */
  private int differenceToEnd = KeyBits.NONE;

  /** {@code from} must be smaller than {@code to}; no {@code to} means no upper bound. */
  LeafCursor(@Nullable Node root, byte[] from, byte @Nullable [] to, @Nullable Trace trace) {
    this.to = to;
    this.trace = trace;
    this.lastOneOfEnd = to == null ? KeyBits.NONE : KeyBits.lastOne(to);
    if (root != null) {
      seek(root, from);
    }
  }

  private void seek(Node root, byte[] from) {
    Leaf candidate = Trie.candidate(root, from, trace);
    int difference = candidate.firstDifference(from);
    Node node = root;
    while (node instanceof Interior interior
        && (difference == KeyBits.NONE || interior.position() < difference)) {
      int bit = KeyBits.bit(from, interior.position());
      if (bit == 0) {
        push(interior.right, interior.position());
      }
      node = interior.child(bit);
    }
    // All keys of this subtree have the candidate's bit where it first differs from `from`.
    boolean subtreeIsBefore = difference != KeyBits.NONE && KeyBits.bit(from, difference) == 1;
    if (subtreeIsBefore) {
      if (to != null) {
        differenceToEnd = candidate.firstDifference(to);
      }
    } else if (isBeyondEnd(node, candidate)) {
      depth = 0;
    } else {
      upcoming = node;
    }
  }

  /** Whether one known leaf of a subtree settles that none of its keys is before {@code to}. */
  private boolean isBeyondEnd(Node subtree, Leaf known) {
    if (to == null) {
      return false;
    }
    int difference = known.firstDifference(to);
    int sharedUntil = subtree instanceof Interior fork ? fork.position() : Integer.MAX_VALUE;
    if (difference == KeyBits.NONE || difference >= sharedUntil) {
      return lastOneOfEnd < sharedUntil;
    }
    return KeyBits.bit(to, difference) == 0;
  }

  /** The next leaf, or null after the last. */
  @Nullable Leaf next() {
    Node node = upcoming;
    upcoming = null;
    if (node == null) {
      if (depth == 0 || nextIsBeyondEnd(positions[depth - 1])) {
        depth = 0;
        return null;
      }
      node = pending[--depth];
    }
    Trace.visit(trace, node);
    while (node instanceof Interior interior) {
      push(interior.right, interior.position());
      node = interior.left;
      Trace.visit(trace, node);
    }
    if (!(node instanceof Leaf leaf)) {
      throw Trace.incomplete(trace);
    }
    if (to != null) {
      differenceToEnd = leaf.firstDifference(to);
      if (differenceToEnd == KeyBits.NONE || KeyBits.bit(to, differenceToEnd) == 0) {
        depth = 0;
        return null;
      }
    }
    return leaf;
  }

  private boolean nextIsBeyondEnd(int position) {
    return to != null
        && (position < differenceToEnd
            || (position == differenceToEnd && lastOneOfEnd == differenceToEnd));
  }

  private void push(Node node, int position) {
    if (depth == pending.length) {
      pending = Arrays.copyOf(pending, 2 * depth);
      positions = Arrays.copyOf(positions, 2 * depth);
    }
    pending[depth] = node;
    positions[depth] = position;
    depth++;
  }
}
