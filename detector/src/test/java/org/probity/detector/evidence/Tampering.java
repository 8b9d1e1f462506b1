package org.probity.detector.evidence;

import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.Arrays;
import org.probity.detector.codec.Bytes;

/** Every small change to an evidence file, none of which may prove anything. */
public final class Tampering {
  private Tampering() {}

  /** Every single flipped bit. */
  public static void assertEveryBitMatters(EvidenceVerifier verifier, Bytes file) {
    for (int bit = 0; bit < 8 * file.size(); bit++) {
      assertRejected(verifier, flip(file, bit), "bit " + bit);
    }
  }

  /** One flipped bit in every byte, another one each time; for large files. */
  public static void assertEveryByteMatters(EvidenceVerifier verifier, Bytes file) {
    for (int at = 0; at < file.size(); at++) {
      assertRejected(verifier, flip(file, 8 * at + at % 8), "byte " + at);
    }
  }

  /** Many truncations, and bytes too many at either end. */
  public static void assertLengthMatters(EvidenceVerifier verifier, Bytes file) {
    for (int size = file.size() - 1; size >= 0; size -= size > 400 ? 7 : 1) {
      assertRejected(verifier, file.slice(0, size), "first " + size + " bytes");
    }
    assertRejected(verifier, concat(file, Bytes.of((byte) 0)), "a byte more");
    assertRejected(verifier, concat(file, file), "the file twice");
    assertRejected(verifier, concat(Bytes.of((byte) 0x81), file), "inside an array");
  }

  public static void assertRejected(EvidenceVerifier verifier, Bytes file, String what) {
    Verification verification = verifier.verify(file);
    if (!(verification instanceof Verification.Rejected rejected)) {
      fail("accepted with " + what + ": " + verification);
    } else {
      assertNotEquals("verifier_failed", rejected.code(), what + ": " + rejected.message());
    }
  }

  public static Bytes flip(Bytes file, int bit) {
    byte[] bytes = file.toArray();
    bytes[bit / 8] ^= (byte) (1 << bit % 8);
    return Bytes.wrap(bytes);
  }

  static Bytes concat(Bytes one, Bytes other) {
    byte[] bytes = Arrays.copyOf(one.unsafeArray(), one.size() + other.size());
    System.arraycopy(other.unsafeArray(), 0, bytes, one.size(), other.size());
    return Bytes.wrap(bytes);
  }
}
