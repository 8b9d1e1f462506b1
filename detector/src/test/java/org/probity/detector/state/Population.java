package org.probity.detector.state;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;

/** A state of realistic make: 33-byte keys that spread evenly, values of 80 to 120 bytes. */
final class Population {
  private Population() {}

  static StateTree of(int keys) {
    StateTree tree = StateTree.EMPTY;
    for (int i = 0; i < keys; i++) {
      tree = tree.put(key(i), value(i));
    }
    return tree;
  }

  static Bytes key(int number) {
    byte[] hash = Hash.sha256(Bytes.utf8("key " + number).unsafeArray()).unsafeArray();
    return PrefixedView.fullKey(PrefixedView.APPLICATION, Bytes.wrap(hash));
  }

  static Bytes value(int number) {
    byte[] value = new byte[80 + number % 41];
    new SplittableRandom(number).nextBytes(value);
    return Bytes.wrap(value);
  }

  /** Random keys out of a population. */
  static List<Bytes> sample(int population, int count) {
    SplittableRandom random = new SplittableRandom(7);
    List<Bytes> keys = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      keys.add(key(random.nextInt(population)));
    }
    return keys;
  }
}
