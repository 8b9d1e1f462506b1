package org.probity.detector.state;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.probity.detector.crypto.Hash;

/**
 * A node of the trie: immutable but for its hash, which is computed once, when first asked for.
 *
 * <p>There is one interior node and one leaf per key, so they are kept lean: the hash lies in four
 * longs rather than in an object of its own (56 bytes an interior node, 56 plus one array a leaf).
 */
abstract sealed class Node permits Interior, Leaf, Stub {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  /** Written after the four longs and read before them, so that threads may share trees. */
  private volatile boolean hashed;

  private long hash0;
  private long hash1;
  private long hash2;
  private long hash3;

  final boolean isHashed() {
    return hashed;
  }

  /** Two threads may both do this; they write the same. */
  final void setHash(byte[] source, int offset) {
    hash0 = (long) LONGS.get(source, offset);
    hash1 = (long) LONGS.get(source, offset + 8);
    hash2 = (long) LONGS.get(source, offset + 16);
    hash3 = (long) LONGS.get(source, offset + 24);
    hashed = true;
  }

  /** Copies the 32 bytes of a hash that is known already. */
  final void copyHash(byte[] target, int offset) {
    if (!hashed) {
      throw new IllegalStateException("not hashed yet");
    }
    LONGS.set(target, offset, hash0);
    LONGS.set(target, offset + 8, hash1);
    LONGS.set(target, offset + 16, hash2);
    LONGS.set(target, offset + 24, hash3);
  }

  /** Whether both are hashed and have the same hash: then they hold the same keys and values. */
  final boolean sameHash(Node other) {
    return hashed
        && other.hashed
        && hash0 == other.hash0
        && hash1 == other.hash1
        && hash2 == other.hash2
        && hash3 == other.hash3;
  }

  final Hash knownHash() {
    byte[] copy = new byte[Hash.BYTES];
    copyHash(copy, 0);
    return Hash.of(copy);
  }
}
