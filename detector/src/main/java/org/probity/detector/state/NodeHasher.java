package org.probity.detector.state;

import org.probity.detector.crypto.Hash;

/**
 * Hashes what is not hashed yet:
 *
 * <pre>
 * leaf      SHA-256(0x00 || u16 key length || key || value)
 * interior  SHA-256(0x01 || u16 critical position || left hash || right hash)
 * </pre>
 *
 * <p>An interior node commits to its own absolute position, so a subtree keeps its hash when the
 * removal of its sibling hoists it. Recursion is at most {@link KeyBits#MAX_POSITION} deep. One
 * instance serves one call: it holds scratch space.
 */
final class NodeHasher {
  static final byte LEAF = 0x00;
  static final byte INTERIOR = 0x01;

  private static final int LEFT_OFFSET = 3;
  private static final int RIGHT_OFFSET = LEFT_OFFSET + Hash.BYTES;

  private final byte[] preimage = new byte[RIGHT_OFFSET + Hash.BYTES];
  private final byte[] hash = new byte[Hash.BYTES];

  NodeHasher() {
    preimage[0] = INTERIOR;
  }

  /** Afterwards {@code node} and everything below it is hashed. */
  void hash(Node node) {
    if (node.isHashed()) {
      return;
    }
    if (node instanceof Interior interior) {
      hash(interior.left);
      hash(interior.right);
      preimage[1] = (byte) (interior.position() >>> 8);
      preimage[2] = (byte) interior.position();
      interior.left.copyHash(preimage, LEFT_OFFSET);
      interior.right.copyHash(preimage, RIGHT_OFFSET);
      Hash.sha256Into(hash, preimage);
      node.setHash(hash, 0);
    } else if (node instanceof Leaf leaf) {
      node.setHash(Hash.sha256(LEAF, leaf.content()).unsafeArray(), 0);
    }
  }
}
