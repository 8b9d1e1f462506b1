package org.probity.detector.crypto;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.HexFormat;
import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.DecodeException;

/**
 * An Ed25519 private key with its public key. The seed comes from the shell, which has the
 * randomness, and there is no way to get it back out: whoever stores a key stores the seed before
 * it makes one of these. Immutable, thread-safe; equality is identity and no text shows the seed.
 */
public final class PrivateKey {
  public static final int SEED_BYTES = 32;

  /** RFC 8410: PrivateKeyInfo of an Ed25519 key, up to the 32 bytes of the seed. */
  private static final byte[] PKCS8_PREFIX =
      HexFormat.of().parseHex("302e020100300506032b657004220420");

  private final byte[] seed;
  private final PublicKey publicKey;

  /** The key in the JDK's clothes, made on first use; threads may race to the same value. */
  private volatile java.security.@Nullable PrivateKey jcaKey;

  private PrivateKey(byte[] seed, PublicKey publicKey) {
    this.seed = seed;
    this.publicKey = publicKey;
  }

  /**
   * The key of an RFC 8032 seed of 32 uniformly random bytes, which are copied. Throws
   * IllegalArgumentException on another length.
   */
  public static PrivateKey fromSeed(byte[] seed) {
    if (seed.length != SEED_BYTES) {
      throw new IllegalArgumentException("an Ed25519 seed has 32 bytes, not " + seed.length);
    }
    byte[] copy = seed.clone();
    byte[] encodedPublicKey = new byte[PublicKey.BYTES];
    Ed25519.generatePublicKey(copy, 0, encodedPublicKey, 0);
    try {
      return new PrivateKey(copy, PublicKey.decode(encodedPublicKey));
    } catch (DecodeException e) {
      throw new IllegalStateException("a clamped multiple of the base point is always valid", e);
    }
  }

  public PublicKey publicKey() {
    return publicKey;
  }

  @Override
  public String toString() {
    return "PrivateKey[seed redacted, public " + publicKey + "]";
  }

  /** For the providers only; not to be written to. */
  byte[] seed() {
    return seed;
  }

  java.security.PrivateKey jcaKey(KeyFactory factory) throws GeneralSecurityException {
    java.security.PrivateKey key = jcaKey;
    if (key == null) {
      byte[] pkcs8 = new byte[PKCS8_PREFIX.length + SEED_BYTES];
      System.arraycopy(PKCS8_PREFIX, 0, pkcs8, 0, PKCS8_PREFIX.length);
      System.arraycopy(seed, 0, pkcs8, PKCS8_PREFIX.length, SEED_BYTES);
      key = factory.generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
      jcaKey = key;
    }
    return key;
  }
}
