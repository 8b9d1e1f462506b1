package org.probity.detector.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;

class HashTest {
  private static final String ABC =
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

  /** FIPS 180-4, and the hash of nothing. */
  @Test
  void shouldGiveTheKnownAnswers() {
    assertEquals(ABC, Hash.sha256(ascii("abc")).toHex());
    assertEquals(ABC, Hash.sha256(ascii("a"), ascii("bc")).toString());
    assertEquals(ABC, Hash.sha256((byte) 'a', ascii("b"), ascii("c")).toHex());
    assertEquals(
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", Hash.sha256().toHex());
  }

  @Test
  void shouldPutTheDomainBeforeBothChildren() {
    Hash left = Hash.sha256(ascii("left"));
    Hash right = Hash.sha256(ascii("right"));
    assertEquals(
        Hash.sha256(new byte[] {1}, left.toArray(), right.toArray()),
        Hash.sha256((byte) 1, left, right));
  }

  @Test
  void shouldBeAValue() {
    Hash hash = Hash.fromHex(ABC);
    assertEquals(hash, Hash.of(hash.toBytes()));
    assertEquals(hash, Hash.of(Bytes.fromHex("00" + ABC).toArray(), 1, 32));
    assertEquals(hash.hashCode(), Hash.of(hash.toArray()).hashCode());
    assertNotEquals(hash, Hash.sha256());
    assertNotEquals(hash.hashCode(), Hash.sha256().hashCode());
    assertTrue(hash.compareTo(Hash.sha256()) < 0);
    assertEquals(0, hash.compareTo(Hash.fromHex(ABC)));
    hash.toArray()[0] = 0;
    assertEquals(ABC, hash.toHex());
    assertThrows(IllegalArgumentException.class, () -> Hash.of(new byte[31]));
    assertThrows(IllegalArgumentException.class, () -> Hash.of(new byte[33]));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
