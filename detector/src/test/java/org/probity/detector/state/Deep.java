package org.probity.detector.state;

import java.util.Arrays;
import org.probity.detector.codec.Bytes;

/** The deepest tree: one key for every position at which keys can differ, all off one spine. */
final class Deep {
  /** The longest key of all ones and zeros alternately. */
  static final Bytes SPINE;

  static {
    byte[] key = new byte[StateTree.MAX_KEY_BYTES];
    Arrays.fill(key, (byte) 0x55);
    SPINE = Bytes.wrap(key);
  }

  private Deep() {}

  static StateTree tree() {
    StateTree tree = StateTree.EMPTY.put(SPINE, Bytes.EMPTY);
    for (int position = 1; position <= KeyBits.MAX_POSITION; position++) {
      tree = tree.put(branch(position), Bytes.of((byte) position));
    }
    return tree;
  }

  /** A key that leaves the spine at one position. */
  static Bytes branch(int position) {
    int index = position / KeyBits.BITS_PER_BYTE;
    int within = position % KeyBits.BITS_PER_BYTE;
    if (within == 0) {
      return SPINE.slice(0, index);
    }
    byte[] key = SPINE.slice(0, index + 1).toArray();
    key[index] ^= (byte) (0x100 >>> within);
    return Bytes.wrap(key);
  }
}
