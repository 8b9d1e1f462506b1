package org.probity.detector.state;

import org.jspecify.annotations.Nullable;

/**
 * The operations on nodes. Each visits the path to one leaf and copies at most that path; recursion
 * is at most {@link KeyBits#MAX_POSITION} deep.
 */
final class Trie {
  private Trie() {}

  /**
   * The only leaf that can hold the key: at each fork the key's own bit decides.
   *
   * <p>If the key were in the tree, every fork above it would agree with its bits, so this walk
   * would end at it. Ending at another key therefore proves absence.
   */
  static Leaf candidate(Node root, byte[] key, @Nullable Trace trace) {
    Node node = root;
    while (true) {
      Trace.visit(trace, node);
      if (node instanceof Interior interior) {
        node = interior.child(KeyBits.bit(key, interior.position()));
      } else if (node instanceof Leaf leaf) {
        return leaf;
      } else {
        throw Trace.incomplete(trace);
      }
    }
  }

  /**
   * The tree with {@code leaf} in it, where {@code difference} is the first position at which its
   * key differs from its {@link #candidate}, or {@link KeyBits#NONE} to replace that one.
   */
  static Node with(Node node, byte[] key, int difference, Leaf leaf) {
    if (node instanceof Interior interior
        && (difference == KeyBits.NONE || interior.position() < difference)) {
      int bit = KeyBits.bit(key, interior.position());
      return interior.with(bit, with(interior.child(bit), key, difference, leaf));
    }
    return difference == KeyBits.NONE
        ? leaf
        : Interior.between(difference, node, KeyBits.bit(key, difference), leaf);
  }

  /** The tree without a key that is in it, or null if nothing is left. */
  static @Nullable Node without(Node node, byte[] key) {
    if (!(node instanceof Interior interior)) {
      return null;
    }
    int bit = KeyBits.bit(key, interior.position());
    Node rest = without(interior.child(bit), key);
    return rest == null ? interior.child(1 - bit) : interior.with(bit, rest);
  }
}
