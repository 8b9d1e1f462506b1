package org.probity.detector.state;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;

/**
 * Builds a tree from bindings in strictly increasing key order: one comparison a key, no path
 * copying. For snapshots from disk or from a peer, which is why disorder is a {@link
 * DecodeException} and not a bug.
 */
public final class StateTreeBuilder {
  /** Finished left sides along the right edge, with the positions of the forks they wait for. */
  private Node[] leftSides = new Node[32];

  private int[] positions = new int[32];
  private int depth;

  private @Nullable Leaf last;

  public StateTreeBuilder add(Bytes key, Bytes value) throws DecodeException {
    if (key.isEmpty() || key.size() > StateTree.MAX_KEY_BYTES) {
      throw new DecodeException("state_key_size", "a key of " + key.size() + " bytes");
    }
    if (value.size() > StateTree.MAX_VALUE_BYTES) {
      throw new DecodeException("state_value_size", "a value of " + value.size() + " bytes");
    }
    Leaf leaf = Leaf.of(key, value);
    Leaf previous = last;
    if (previous != null) {
      int difference = previous.firstDifference(leaf);
      if (difference == KeyBits.NONE || leaf.bit(difference) == 0) {
        throw new DecodeException("state_order", "key " + key + " is not after the one before it");
      }
      push(fold(previous, difference), difference);
    }
    last = leaf;
    return this;
  }

  public StateTree build() {
    Leaf rightmost = last;
    if (rightmost == null) {
      return StateTree.EMPTY;
    }
    Node root = rightmost;
    for (int i = depth - 1; i >= 0; i--) {
      root = new Interior(positions[i], leftSides[i], root);
    }
    return StateTree.complete(root);
  }

  /** Closes the forks below {@code position}: the next key is outside them. */
  private Node fold(Node rightSide, int position) {
    Node node = rightSide;
    while (depth > 0 && positions[depth - 1] > position) {
      depth--;
      node = new Interior(positions[depth], leftSides[depth], node);
    }
    return node;
  }

  private void push(Node leftSide, int position) {
    if (depth == leftSides.length) {
      leftSides = Arrays.copyOf(leftSides, 2 * depth);
      positions = Arrays.copyOf(positions, 2 * depth);
    }
    leftSides[depth] = leftSide;
    positions[depth] = position;
    depth++;
  }
}
