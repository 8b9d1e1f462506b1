package org.probity.detector.crypto;

import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * edwards25519 by the book, in BigIntegers: an oracle for the rule that shares no code with any
 * provider, and the means to forge every kind of odd signature. Slow, and nothing here is
 * constant-time.
 */
final class Ed25519Reference {
  static final BigInteger P = BigInteger.TWO.pow(255).subtract(BigInteger.valueOf(19));
  static final BigInteger L =
      BigInteger.TWO.pow(252).add(new BigInteger("27742317777372353535851937790883648493"));

  private static final BigInteger D =
      BigInteger.valueOf(-121665).multiply(BigInteger.valueOf(121666).modInverse(P)).mod(P);
  private static final BigInteger TWO_D = D.add(D).mod(P);
  private static final BigInteger SQRT_MINUS_1 =
      BigInteger.TWO.modPow(P.subtract(BigInteger.ONE).shiftRight(2), P);

  static final Point NEUTRAL =
      new Point(BigInteger.ZERO, BigInteger.ONE, BigInteger.ONE, BigInteger.ZERO);
  static final Point BASE =
      decompress(BigInteger.valueOf(4).multiply(BigInteger.valueOf(5).modInverse(P)).mod(P), false)
          .orElseThrow();

  private Ed25519Reference() {}

  /** A point in extended coordinates: x = X/Z, y = Y/Z, T = XY/Z. */
  record Point(BigInteger x, BigInteger y, BigInteger z, BigInteger t) {
    Point add(Point o) {
      BigInteger a = y.subtract(x).multiply(o.y.subtract(o.x)).mod(P);
      BigInteger b = y.add(x).multiply(o.y.add(o.x)).mod(P);
      BigInteger c = t.multiply(TWO_D).multiply(o.t).mod(P);
      BigInteger d = z.add(z).multiply(o.z).mod(P);
      BigInteger e = b.subtract(a);
      BigInteger f = d.subtract(c);
      BigInteger g = d.add(c);
      BigInteger h = b.add(a);
      return new Point(
          e.multiply(f).mod(P), g.multiply(h).mod(P), f.multiply(g).mod(P), e.multiply(h).mod(P));
    }

    Point negate() {
      return new Point(x.negate().mod(P), y, z, t.negate().mod(P));
    }

    Point times(BigInteger scalar) {
      Point result = NEUTRAL;
      for (int i = scalar.bitLength() - 1; i >= 0; i--) {
        result = result.add(result);
        if (scalar.testBit(i)) {
          result = result.add(this);
        }
      }
      return result;
    }

    boolean same(Point o) {
      return x.multiply(o.z).subtract(o.x.multiply(z)).mod(P).signum() == 0
          && y.multiply(o.z).subtract(o.y.multiply(z)).mod(P).signum() == 0;
    }

    boolean isSmallOrder() {
      return times(BigInteger.valueOf(8)).same(NEUTRAL);
    }

    boolean isInPrimeOrderSubgroup() {
      return times(L).same(NEUTRAL);
    }

    byte[] encode() {
      BigInteger inverse = z.modInverse(P);
      byte[] encoded = littleEndian(y.multiply(inverse).mod(P));
      if (x.multiply(inverse).mod(P).testBit(0)) {
        encoded[31] |= (byte) 0x80;
      }
      return encoded;
    }
  }

  /** The eight points whose order divides 8. */
  static List<Point> smallOrderPoints() {
    for (int y = 2; ; y++) {
      Optional<Point> any = decompress(BigInteger.valueOf(y), false);
      if (any.isPresent()) {
        Point torsion = any.get().times(L);
        if (!torsion.times(BigInteger.valueOf(4)).same(NEUTRAL)) {
          List<Point> points = new ArrayList<>();
          for (int i = 0; i < 8; i++) {
            points.add(torsion.times(BigInteger.valueOf(i)));
          }
          return points;
        }
      }
    }
  }

  /** A canonically encoded point, or nothing. */
  static Optional<Point> decode(byte[] encoded) {
    byte[] bytes = encoded.clone();
    boolean odd = bytes[31] < 0;
    bytes[31] &= 0x7F;
    BigInteger y = integer(bytes);
    return y.compareTo(P) >= 0 ? Optional.empty() : decompress(y, odd);
  }

  /** The secret scalar of an RFC 8032 seed. */
  static BigInteger secretScalar(byte[] seed) {
    byte[] half = Arrays.copyOf(sha512(seed), 32);
    half[0] &= (byte) 0xF8;
    half[31] &= 0x7F;
    half[31] |= 0x40;
    return integer(half);
  }

  /** SHA-512(R || A || M) mod L. */
  static BigInteger challenge(byte[] r, byte[] a, byte[] message) {
    return integer(sha512(r, a, message)).mod(L);
  }

  /** protocol.md §2.5, public key included. */
  static boolean accepts(byte[] publicKey, byte[] message, byte[] signature) {
    if (publicKey.length != 32 || signature.length != 64) {
      return false;
    }
    BigInteger s = integer(Arrays.copyOfRange(signature, 32, 64));
    Optional<Point> a = decode(publicKey);
    byte[] encodedR = Arrays.copyOf(signature, 32);
    Optional<Point> r = decode(encodedR);
    if (s.compareTo(L) >= 0
        || a.isEmpty()
        || r.isEmpty()
        || a.get().isSmallOrder()
        || !a.get().isInPrimeOrderSubgroup()
        || r.get().isSmallOrder()) {
      return false;
    }
    BigInteger k = challenge(encodedR, publicKey, message);
    return BASE.times(s).same(r.get().add(a.get().times(k)));
  }

  static byte[] signature(byte[] r, BigInteger s) {
    byte[] signature = Arrays.copyOf(r, 64);
    System.arraycopy(littleEndian(s), 0, signature, 32, 32);
    return signature;
  }

  static byte[] littleEndian(BigInteger value) {
    byte[] bytes = new byte[32];
    byte[] bigEndian = value.toByteArray();
    for (int i = 0; i < bigEndian.length && i < 32; i++) {
      bytes[i] = bigEndian[bigEndian.length - 1 - i];
    }
    return bytes;
  }

  static BigInteger integer(byte[] littleEndian) {
    byte[] bigEndian = new byte[littleEndian.length];
    for (int i = 0; i < bigEndian.length; i++) {
      bigEndian[i] = littleEndian[littleEndian.length - 1 - i];
    }
    return new BigInteger(1, bigEndian);
  }

  /** RFC 8032 §5.1.3. */
  private static Optional<Point> decompress(BigInteger y, boolean odd) {
    BigInteger ySquared = y.multiply(y).mod(P);
    BigInteger u = ySquared.subtract(BigInteger.ONE).mod(P);
    BigInteger v = D.multiply(ySquared).add(BigInteger.ONE).mod(P);
    BigInteger quotient = u.multiply(v.modInverse(P)).mod(P);
    BigInteger x = quotient.modPow(P.add(BigInteger.valueOf(3)).shiftRight(3), P);
    if (!x.multiply(x).mod(P).equals(quotient)) {
      x = x.multiply(SQRT_MINUS_1).mod(P);
    }
    if (!x.multiply(x).mod(P).equals(quotient) || (x.signum() == 0 && odd)) {
      return Optional.empty();
    }
    if (x.testBit(0) != odd) {
      x = P.subtract(x);
    }
    return Optional.of(new Point(x, y, BigInteger.ONE, x.multiply(y).mod(P)));
  }

  private static byte[] sha512(byte[]... parts) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-512");
      for (byte[] part : parts) {
        digest.update(part);
      }
      return digest.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
