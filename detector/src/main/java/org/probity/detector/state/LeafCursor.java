package org.probity.detector.state;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The leaves of a tree with {@code from <= key < to}, in order.
 *
 * <p>It looks into as little as the answer needs, because what it visits is what a range proof must
 * disclose: the way to {@code from}, the leaves it returns, and at most one leaf beyond them. The
 * latter only when the bits above do not settle it already: if the last leaf L and {@code to} first
 * differ at position c, every fork above L at a position before c agrees with {@code to} there (a
 * 0, as L is on its left), so its right side lies beyond {@code to} as a whole.
 */
final class LeafCursor {
  private final byte @Nullable [] to;
  private final @Nullable Trace trace;

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
    boolean shared = !(subtree instanceof Interior fork) || difference < fork.position();
    if (difference == KeyBits.NONE) {
      return !(subtree instanceof Interior);
    }
    return shared && KeyBits.bit(to, difference) == 0;
  }

  /** The next leaf, or null after the last. */
  @Nullable Leaf next() {
    Node node = upcoming;
    upcoming = null;
    if (node == null) {
      if (depth == 0 || (to != null && positions[depth - 1] < differenceToEnd)) {
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
