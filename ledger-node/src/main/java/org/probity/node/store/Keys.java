package org.probity.node.store;

import java.nio.ByteBuffer;

/** Keys made of one big-endian integer, so that LMDB's byte order is numeric order. */
final class Keys {
  private Keys() {}

  static byte[] of(long value) {
    return ByteBuffer.allocate(Long.BYTES).putLong(value).array();
  }
}
