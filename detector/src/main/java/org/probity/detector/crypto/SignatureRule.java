package org.probity.detector.crypto;

import java.util.Arrays;
import java.util.HexFormat;
import org.probity.detector.codec.Bytes;

/**
 * SPEC protocol.md §2.5: the one rule by which an Ed25519 signature is valid, everywhere and
 * forever. It is stricter than RFC 8032 §5.1.7 where that leaves a choice:
 *
 * <ol>
 *   <li>the signature has exactly 64 bytes, R (32) and S (32);
 *   <li>{@code S < L}, the group order: no second S for the same signature;
 *   <li>R is encoded canonically: its y-coordinate is below p = 2^255 - 19;
 *   <li>R is not of small order;
 *   <li>the public key is canonical and in the prime-order subgroup: the type {@link PublicKey}
 *       says so;
 *   <li>{@code [S]B = R + [k]A} without the cofactor, {@code k = SHA-512(R || A || message) mod L}.
 * </ol>
 *
 * <p>An exception inside a provider means invalid. Signatures are verified one by one, never in a
 * batch, because batch equations are cofactored or probabilistic. Immutable and thread-safe; costs
 * one scalar multiplication (about 30 microseconds with Corretto, 120 with Bouncy Castle).
 */
public final class SignatureRule {
  public static final int SIGNATURE_BYTES = 64;

  private static final int HALF = 32;

  /** L = 2^252 + 27742317777372353535851937790883648493, little-endian. */
  private static final byte[] GROUP_ORDER =
      hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");

  /** p = 2^255 - 19, little-endian. */
  private static final byte[] FIELD_PRIME =
      hex("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");

  /**
   * The canonical y-coordinates of the eight points whose order divides 8: 1 (neutral element), -1
   * (order 2), 0 (order 4) and the two of order 8. The sign bit is ignored, which also disposes of
   * the non-canonical sign bit at x = 0.
   */
  private static final byte[][] SMALL_ORDER_Y = {
    hex("0100000000000000000000000000000000000000000000000000000000000000"),
    hex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    hex("0000000000000000000000000000000000000000000000000000000000000000"),
    hex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
    hex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
  };

  private final Ed25519Provider provider;

  public SignatureRule(Ed25519Provider provider) {
    this.provider = provider;
  }

  /** The rule with the fastest provider available; the verdicts do not depend on it. */
  public static SignatureRule fastest() {
    return new SignatureRule(Ed25519Providers.fastest());
  }

  public Ed25519Provider provider() {
    return provider;
  }

  /** Whether {@code signature} is {@code key}'s signature of {@code message}. Never throws. */
  public boolean accepts(PublicKey key, Bytes message, Bytes signature) {
    return accepts(key, message.unsafeArray(), signature.unsafeArray());
  }

  /** As {@link #accepts(PublicKey, Bytes, Bytes)}. */
  public boolean accepts(PublicKey key, byte[] message, byte[] signature) {
    // Our own checks come first: JDK 17.0.15 accepts 65 bytes, others accept S >= L.
    if (!isWellFormed(signature)) {
      return false;
    }
    try {
      return provider.rawVerify(key, message, signature);
    } catch (RuntimeException e) {
      return false;
    }
  }

  /** Points 1 to 4 of the rule, but for whether R is on the curve at all. */
  static boolean isWellFormed(byte[] signature) {
    return signature.length == SIGNATURE_BYTES
        && isBelow(signature, HALF, GROUP_ORDER)
        && isAcceptableR(signature);
  }

  private static boolean isAcceptableR(byte[] signature) {
    byte[] y = Arrays.copyOf(signature, HALF);
    y[HALF - 1] &= 0x7F;
    if (!isBelow(y, 0, FIELD_PRIME)) {
      return false;
    }
    for (byte[] smallOrderY : SMALL_ORDER_Y) {
      if (Arrays.equals(y, smallOrderY)) {
        return false;
      }
    }
    return true;
  }

  /** Whether 32 little-endian bytes are less than {@code bound}. */
  private static boolean isBelow(byte[] source, int offset, byte[] bound) {
    for (int i = HALF - 1; i >= 0; i--) {
      int difference = (source[offset + i] & 0xFF) - (bound[i] & 0xFF);
      if (difference != 0) {
        return difference < 0;
      }
    }
    return false;
  }

  private static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits);
  }
}
