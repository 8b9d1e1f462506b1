package org.probity.node.identity;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.PrivateKey;

/**
 * A private key in every shape the shell needs: PKCS#8 for its file, JCA for X.509 and TLS, the
 * detector's own type for signing. Immutable; no text shows it.
 */
public final class Secret {
  /** RFC 8410, PrivateKeyInfo version 1 (OpenSSL 3.0 cannot read version 2), up to the seed. */
  private static final byte[] ED25519_PREFIX =
      HexFormat.of().parseHex("302e020100300506032b657004220420");

  private static final byte[] ED25519_PUBLIC_PREFIX =
      HexFormat.of().parseHex("302a300506032b6570032100");

  private final KeyKind kind;
  private final byte[] pkcs8;
  private final java.security.PrivateKey jcaPrivate;
  private final PublicKey jcaPublic;

  private Secret(
      KeyKind kind, byte[] pkcs8, java.security.PrivateKey jcaPrivate, PublicKey jcaPublic) {
    this.kind = kind;
    this.pkcs8 = pkcs8;
    this.jcaPrivate = jcaPrivate;
    this.jcaPublic = jcaPublic;
  }

  public static Secret generate(KeyKind kind, SecureRandom random) {
    try {
      if (kind == KeyKind.P256) {
        return ofPkcs8(P256Keys.generate(random).getPrivate().getEncoded());
      }
      byte[] pkcs8 = Arrays.copyOf(ED25519_PREFIX, ED25519_PREFIX.length + PrivateKey.SEED_BYTES);
      byte[] seed = new byte[PrivateKey.SEED_BYTES];
      random.nextBytes(seed);
      System.arraycopy(seed, 0, pkcs8, ED25519_PREFIX.length, seed.length);
      return ofPkcs8(pkcs8);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every supported JDK has Ed25519 and P-256", e);
    }
  }

  /**
   * Reads PKCS#8 DER, version 1 or 2.
   *
   * @throws GeneralSecurityException if it is not an Ed25519 or P-256 key
   */
  static Secret ofPkcs8(byte[] der) throws GeneralSecurityException {
    try {
      PrivateKeyInfo info = PrivateKeyInfo.getInstance(der);
      var algorithm = info.getPrivateKeyAlgorithm().getAlgorithm();
      if (algorithm.equals(EdECObjectIdentifiers.id_Ed25519)) {
        return ed25519(ASN1OctetString.getInstance(info.parsePrivateKey()).getOctets());
      }
      if (algorithm.equals(X9ObjectIdentifiers.id_ecPublicKey)) {
        java.security.PrivateKey key =
            KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(der));
        return new Secret(KeyKind.P256, der.clone(), key, P256Keys.publicKeyOf(key));
      }
      throw new GeneralSecurityException("key algorithm " + algorithm);
    } catch (IOException | IllegalArgumentException | IllegalStateException e) {
      throw new GeneralSecurityException("not a PKCS#8 private key", e);
    }
  }

  private static Secret ed25519(byte[] seed) throws GeneralSecurityException {
    byte[] rawPublic = PrivateKey.fromSeed(seed).publicKey().toBytes().unsafeArray();
    byte[] pkcs8 = concat(ED25519_PREFIX, seed);
    KeyFactory factory = KeyFactory.getInstance("Ed25519");
    return new Secret(
        KeyKind.ED25519,
        pkcs8,
        factory.generatePrivate(new PKCS8EncodedKeySpec(pkcs8)),
        factory.generatePublic(new X509EncodedKeySpec(concat(ED25519_PUBLIC_PREFIX, rawPublic))));
  }

  private static byte[] concat(byte[] first, byte[] second) {
    byte[] all = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, all, first.length, second.length);
    return all;
  }

  public KeyKind kind() {
    return kind;
  }

  /**
   * For the detector's signers.
   *
   * @throws IllegalStateException if this is not an Ed25519 key
   */
  public PrivateKey ed25519() {
    if (kind != KeyKind.ED25519) {
      throw new IllegalStateException("a " + kind + " key signs nothing in the log");
    }
    return PrivateKey.fromSeed(Arrays.copyOfRange(pkcs8, ED25519_PREFIX.length, pkcs8.length));
  }

  public java.security.PrivateKey jcaPrivate() {
    return jcaPrivate;
  }

  public PublicKey jcaPublic() {
    return jcaPublic;
  }

  /** PrivateKeyInfo, version 1. */
  Bytes pkcs8() {
    return Bytes.of(pkcs8);
  }

  @Override
  public String toString() {
    return "Secret[" + kind + ", redacted]";
  }
}
