package org.probity.ledger.transaction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;

class KeyPolicyTest {
  private static Bytes key(int number) {
    byte[] key = new byte[32];
    key[0] = (byte) number;
    return Bytes.wrap(key);
  }

  private static List<Bytes> keys(int count) {
    List<Bytes> keys = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      keys.add(key(i));
    }
    return keys;
  }

  @Test
  void needsTheThresholdOfItsOwnKeys() {
    KeyPolicy policy = KeyPolicy.of(2, key(1), key(2), key(3));
    assertEquals(false, policy.satisfiedBy(new TreeSet<>()));
    assertEquals(false, policy.satisfiedBy(new TreeSet<>(List.of(key(1), key(4), key(5)))));
    assertEquals(true, policy.satisfiedBy(new TreeSet<>(List.of(key(1), key(3)))));
    assertEquals(true, policy.satisfiedBy(new TreeSet<>(keys(8))));
  }

  @Test
  void anyOrderOfKeysIsOnePolicy() {
    assertEquals(KeyPolicy.of(1, key(1), key(2)), KeyPolicy.of(1, key(2), key(1), key(2)));
  }

  @Test
  void hasLimits() {
    new KeyPolicy(8, keys(8));
    assertThrows(IllegalArgumentException.class, () -> new KeyPolicy(1, keys(9)));
    assertThrows(IllegalArgumentException.class, () -> new KeyPolicy(1, List.of()));
    assertThrows(IllegalArgumentException.class, () -> new KeyPolicy(0, keys(1)));
    assertThrows(IllegalArgumentException.class, () -> new KeyPolicy(2, keys(1)));
    assertThrows(
        IllegalArgumentException.class, () -> new KeyPolicy(1, List.of(Bytes.of(new byte[31]))));
    assertThrows(IllegalArgumentException.class, () -> new KeyPolicy(1, List.of(key(2), key(1))));
    assertThrows(IllegalArgumentException.class, () -> new KeyPolicy(1, List.of(key(1), key(1))));
  }

  @Test
  void decodingHasTheSameLimits() {
    for (CborWriter bad :
        List.of(
            new CborWriter().array(2).uint(1).array(0),
            new CborWriter().array(2).uint(0).array(1).bytes(key(1)),
            new CborWriter().array(2).uint(2).array(1).bytes(key(1)),
            new CborWriter().array(2).uint(1).array(2).bytes(key(2)).bytes(key(1)),
            new CborWriter().array(2).uint(1).array(2).bytes(key(1)).bytes(key(1)),
            new CborWriter().array(2).uint(1).array(1).bytes(new byte[31]))) {
      assertThrows(DecodeException.class, () -> KeyPolicy.read(new CborReader(bad.toBytes())));
    }
  }
}
