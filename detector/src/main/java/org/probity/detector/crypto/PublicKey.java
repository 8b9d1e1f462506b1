package org.probity.detector.crypto;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;
import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.codec.Memo;

/**
 * An Ed25519 public key that has been fully validated: canonical encoding, on the curve, in the
 * prime-order subgroup and not its neutral element. {@link #decode} is the only source, so holding
 * one is the proof. Immutable, thread-safe, ordered by its bytes.
 */
public final class PublicKey implements Comparable<PublicKey> {
  public static final int BYTES = 32;

  /** RFC 8410: SubjectPublicKeyInfo of an Ed25519 key, up to the 32 bytes of the key itself. */
  private static final byte[] X509_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

  /** Validated keys, at most some 20 MiB of them. */
  private static final Memo<PublicKey> VALIDATED = new Memo<>(1 << 15, PublicKey::toBytes);

  private final Bytes encoded;

  /** The decompressed point: saves Bouncy Castle a square root for each verification. */
  private final Ed25519.PublicPoint point;

  /** The key in the JDK's clothes, made on first use; threads may race to the same value. */
  private volatile java.security.@Nullable PublicKey jcaKey;

  private PublicKey(Bytes encoded, Ed25519.PublicPoint point) {
    this.encoded = encoded;
    this.point = point;
  }

  /**
   * Validates 32 bytes; fails with {@code key_wrong_length} or {@code key_invalid}. About 60
   * microseconds, or well under one if the key was validated recently.
   */
  public static PublicKey decode(byte[] encoded) throws DecodeException {
    return decode(Bytes.of(encoded));
  }

  /** As {@link #decode(byte[])}. */
  public static PublicKey decode(Bytes encoded) throws DecodeException {
    if (encoded.size() != BYTES) {
      throw new DecodeException(
          "key_wrong_length", "an Ed25519 public key has 32 bytes, not " + encoded.size());
    }
    PublicKey known = VALIDATED.find(encoded);
    if (known != null) {
      return known;
    }
    // SPEC protocol.md §2.5: canonical, prime order, not small order. Bouncy Castle's full
    // validation multiplies by the group order; null means any of the checks failed.
    Ed25519.PublicPoint point = Ed25519.validatePublicKeyFullExport(encoded.unsafeArray(), 0);
    if (point == null) {
      throw new DecodeException(
          "key_invalid",
          "not a canonical Ed25519 public key of the prime-order subgroup: " + encoded);
    }
    PublicKey key = new PublicKey(encoded, point);
    VALIDATED.keep(key);
    return key;
  }

  /** The 32 bytes, which are also the {@code kid} of a COSE signature. */
  public Bytes toBytes() {
    return encoded;
  }

  @Override
  public int compareTo(PublicKey other) {
    return encoded.compareTo(other.encoded);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PublicKey that && encoded.equals(that.encoded);
  }

  @Override
  public int hashCode() {
    return encoded.hashCode();
  }

  /** Hex. */
  @Override
  public String toString() {
    return encoded.toHex();
  }

  Ed25519.PublicPoint point() {
    return point;
  }

  java.security.PublicKey jcaKey(KeyFactory factory) throws GeneralSecurityException {
    java.security.PublicKey key = jcaKey;
    if (key == null) {
      byte[] x509 = new byte[X509_PREFIX.length + BYTES];
      System.arraycopy(X509_PREFIX, 0, x509, 0, X509_PREFIX.length);
      System.arraycopy(encoded.unsafeArray(), 0, x509, X509_PREFIX.length, BYTES);
      key = factory.generatePublic(new X509EncodedKeySpec(x509));
      jcaKey = key;
    }
    return key;
  }
}
