package org.probity.detector.state;

import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;

/** Writes a pruned and hashed tree in pre-order: see {@link WitnessFormat}. */
final class WitnessEncoder {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream(1024);

  private WitnessEncoder() {}

  static Bytes encode(@Nullable Node root) {
    WitnessEncoder encoder = new WitnessEncoder();
    if (root == null) {
      encoder.u16(WitnessFormat.EMPTY_TREE);
    } else {
      if (root instanceof Stub) {
        encoder.u16(WitnessFormat.UNDISCLOSED_TREE);
      }
      encoder.node(root);
    }
    return Bytes.wrap(encoder.out.toByteArray());
  }

  private void node(Node node) {
    if (node instanceof Interior fork) {
      u16(kind(fork) | fork.position());
      node(fork.left);
      node(fork.right);
    } else if (node instanceof Leaf leaf) {
      leaf(leaf);
    } else {
      byte[] hash = new byte[Hash.BYTES];
      node.copyHash(hash, 0);
      out.write(hash, 0, hash.length);
    }
  }

  private static int kind(Interior fork) {
    if (fork.left instanceof Stub) {
      return WitnessFormat.RIGHT;
    }
    return fork.right instanceof Stub ? WitnessFormat.LEFT : WitnessFormat.BOTH;
  }

  private void leaf(Leaf leaf) {
    Bytes key = leaf.key();
    Bytes value = leaf.value();
    u16(WitnessFormat.LEAF | key.size());
    out.write(key.unsafeArray(), 0, key.size());
    u16(value.size());
    out.write(value.unsafeArray(), 0, value.size());
  }

  private void u16(int number) {
    out.write(number >>> 8);
    out.write(number);
  }
}
