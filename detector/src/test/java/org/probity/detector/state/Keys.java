package org.probity.detector.state;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.probity.detector.Seeded;
import org.probity.detector.codec.Bytes;

/** Keys and maps that hurt: prefixes of one another, trailing zeros, long common beginnings. */
final class Keys {
  private Keys() {}

  /** All keys of 1 to {@code maxLength} bytes over an alphabet, in order of no importance. */
  static List<Bytes> all(int maxLength, byte... alphabet) {
    List<Bytes> keys = new ArrayList<>();
    List<Bytes> previous = List.of(Bytes.EMPTY);
    for (int length = 1; length <= maxLength; length++) {
      List<Bytes> longer = new ArrayList<>();
      for (Bytes stem : previous) {
        for (byte next : alphabet) {
          longer.add(append(stem, next));
        }
      }
      keys.addAll(longer);
      previous = longer;
    }
    return keys;
  }

  static Bytes append(Bytes stem, byte next) {
    byte[] longer = new byte[stem.size() + 1];
    System.arraycopy(stem.unsafeArray(), 0, longer, 0, stem.size());
    longer[stem.size()] = next;
    return Bytes.wrap(longer);
  }

  /** A key close to many others: few byte values, a shared beginning of any length. */
  static Bytes hostile(SplittableRandom random) {
    byte[] alphabet = {0x00, 0x01, (byte) 0x80, (byte) 0xff};
    int length =
        random.nextInt(10) == 0
            ? 1 + random.nextInt(StateTree.MAX_KEY_BYTES)
            : 1 + random.nextInt(5);
    byte[] key = new byte[length];
    int varied = Math.min(length, 4);
    for (int i = length - varied; i < length; i++) {
      key[i] = alphabet[random.nextInt(alphabet.length)];
    }
    return Bytes.wrap(key);
  }

  static Bytes value(SplittableRandom random) {
    return Bytes.wrap(Seeded.bytesUpTo(random, 6));
  }

  static NavigableMap<Bytes, Bytes> hostileMap(SplittableRandom random, int puts) {
    NavigableMap<Bytes, Bytes> map = new TreeMap<>();
    for (int i = 0; i < puts; i++) {
      map.put(hostile(random), value(random));
    }
    return map;
  }

  static StateTree tree(Iterable<? extends Map.Entry<Bytes, Bytes>> entries) {
    StateTree tree = StateTree.EMPTY;
    for (var entry : entries) {
      tree = tree.put(entry.getKey(), entry.getValue());
    }
    return tree;
  }
}
