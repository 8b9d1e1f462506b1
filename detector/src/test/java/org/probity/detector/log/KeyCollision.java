package org.probity.detector.log;

import java.nio.ByteBuffer;
import org.probity.detector.crypto.PrivateKey;

/**
 * Two keys with one note key id under the name {@code collide}: a pair like this is found among
 * some 2^16 keys, by trying.
 */
final class KeyCollision {
  static final PrivateKey FIRST = key(8_698);
  static final PrivateKey SECOND = key(92_296);

  private KeyCollision() {}

  private static PrivateKey key(int number) {
    return PrivateKey.fromSeed(ByteBuffer.allocate(PrivateKey.SEED_BYTES).putInt(number).array());
  }
}
