package org.probity.detector.state;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;

/**
 * Reads a pruned tree and checks that what it discloses can be part of a well-formed one:
 *
 * <ul>
 *   <li>positions strictly increase downward, so no path is longer than there are positions;
 *   <li>of every fork at least one side is disclosed, so every fork has a known key below;
 *   <li>if both sides are, the last key on the left and the first on the right first differ at the
 *       fork's position, 0 on the left and 1 on the right;
 *   <li>if one side is, its keys have that side's bit at the position, which is not past their end.
 * </ul>
 *
 * <p>From the bottom up it follows that all disclosed keys below a fork agree before its position,
 * so one known key a side is enough to check it.
 */
final class WitnessDecoder {
  private static final Leaf NO_LEAF = Leaf.of(Bytes.EMPTY, Bytes.EMPTY);

  private final byte[] in;
  private int at;
  private final Deque<OpenFork> open = new ArrayDeque<>();

  /** The outermost disclosed leaves of the subtree read last. */
  private Leaf first = NO_LEAF;

  private Leaf last = NO_LEAF;

  private WitnessDecoder(byte[] in) {
    this.in = in;
  }

  /** The tree, not hashed yet; null is the empty one. */
  static @Nullable Node decode(Bytes encoded) throws DecodeException {
    if (encoded.size() > StateWitness.MAX_BYTES) {
      throw new DecodeException("witness_size", "a witness of " + encoded.size() + " bytes");
    }
    WitnessDecoder decoder = new WitnessDecoder(encoded.unsafeArray());
    Node root = decoder.root();
    if (decoder.at != encoded.size()) {
      throw new DecodeException("witness_trailing", "bytes after the end of the witness");
    }
    return root;
  }

  private @Nullable Node root() throws DecodeException {
    int header = u16();
    if (header == WitnessFormat.EMPTY_TREE) {
      return null;
    }
    return header == WitnessFormat.UNDISCLOSED_TREE ? stub() : tree(header);
  }

  /** A fork whose header is read and whose sides are not both complete yet. */
  private static final class OpenFork {
    final int kind;
    final int position;
    @Nullable Node left;
    Leaf firstOfLeft = NO_LEAF;
    Leaf lastOfLeft = NO_LEAF;

    OpenFork(int kind, int position) {
      this.kind = kind;
      this.position = position;
    }
  }

  /** Iterative: however deep the input pretends to be, it costs heap only for what it discloses. */
  private Node tree(int firstHeader) throws DecodeException {
    int header = firstHeader;
    while (true) {
      while ((header & WitnessFormat.KIND_MASK) != WitnessFormat.LEAF) {
        openFork(header);
        header = u16();
      }
      Node complete = leaf(header);
      OpenFork fork = open.peek();
      while (fork != null && !(fork.kind == WitnessFormat.BOTH && fork.left == null)) {
        complete = close(open.pop(), complete);
        fork = open.peek();
      }
      if (fork == null) {
        return complete;
      }
      fork.left = complete;
      fork.firstOfLeft = first;
      fork.lastOfLeft = last;
      header = u16();
    }
  }

  private void openFork(int header) throws DecodeException {
    int position = header & WitnessFormat.NUMBER_MASK;
    OpenFork parent = open.peek();
    // Position 0 is 1 in every key: the first possible fork is at 1.
    int lowest = parent == null ? 1 : parent.position + 1;
    if (position < lowest || position > KeyBits.MAX_POSITION) {
      throw new DecodeException(
          "witness_position", "a fork at " + position + " where " + lowest + " is the lowest");
    }
    OpenFork fork = new OpenFork(header & WitnessFormat.KIND_MASK, position);
    if (fork.kind == WitnessFormat.RIGHT) {
      fork.left = stub();
    }
    open.push(fork);
  }

  /** The fork whose last disclosed side has just been completed. */
  private Node close(OpenFork fork, Node side) throws DecodeException {
    int position = fork.position;
    Node left = fork.left;
    if (left == null) {
      requireShape(
          last.bit(position) == 0 && position <= KeyBits.BITS_PER_BYTE * last.keySize(), position);
      return new Interior(position, side, stub());
    }
    requireShape(first.bit(position) == 1, position);
    if (fork.kind == WitnessFormat.BOTH) {
      requireShape(fork.lastOfLeft.firstDifference(first) == position, position);
      first = fork.firstOfLeft;
    }
    return new Interior(position, left, side);
  }

  private static void requireShape(boolean holds, int position) throws DecodeException {
    if (!holds) {
      throw new DecodeException("witness_shape", "keys disagree with the fork at " + position);
    }
  }

  private Leaf leaf(int keySize) throws DecodeException {
    if (keySize == 0 || keySize > StateTree.MAX_KEY_BYTES) {
      throw new DecodeException("witness_key_size", "a key of " + keySize + " bytes");
    }
    Bytes key = bytes(keySize);
    int valueSize = u16();
    if (valueSize > StateTree.MAX_VALUE_BYTES) {
      throw new DecodeException("witness_value_size", "a value of " + valueSize + " bytes");
    }
    Leaf leaf = Leaf.of(key, bytes(valueSize));
    first = leaf;
    last = leaf;
    return leaf;
  }

  private Stub stub() throws DecodeException {
    return new Stub(in, take(Hash.BYTES));
  }

  private Bytes bytes(int size) throws DecodeException {
    int start = take(size);
    return Bytes.wrap(Arrays.copyOfRange(in, start, start + size));
  }

  private int u16() throws DecodeException {
    int start = take(2);
    return ((in[start] & 0xff) << 8) | (in[start + 1] & 0xff);
  }

  /** Where the next {@code size} bytes start. */
  private int take(int size) throws DecodeException {
    if (in.length - at < size) {
      throw new DecodeException("witness_truncated", "the witness ends early");
    }
    int start = at;
    at += size;
    return start;
  }
}
