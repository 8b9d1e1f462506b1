package org.probity.node.identity;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.InvalidKeySpecException;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.math.ec.FixedPointCombMultiplier;

/** NIST P-256, for browsers only. */
final class P256Keys {
  private static final String CURVE = "secp256r1";
  private static final X9ECParameters PARAMETERS = CustomNamedCurves.getByName(CURVE);

  static final BigInteger ORDER = PARAMETERS.getN();

  private P256Keys() {}

  static KeyPair generate(SecureRandom random) throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec(CURVE), random);
    return generator.generateKeyPair();
  }

  /** The public key of a private one: PKCS#8 need not contain it. */
  static PublicKey publicKeyOf(PrivateKey key) throws GeneralSecurityException {
    if (!(key instanceof ECPrivateKey ec) || !ec.getParams().getOrder().equals(ORDER)) {
      throw new InvalidKeySpecException("not a P-256 key");
    }
    org.bouncycastle.math.ec.ECPoint point =
        new FixedPointCombMultiplier().multiply(PARAMETERS.getG(), ec.getS()).normalize();
    ECPoint affine =
        new ECPoint(point.getAffineXCoord().toBigInteger(), point.getAffineYCoord().toBigInteger());
    return KeyFactory.getInstance("EC").generatePublic(new ECPublicKeySpec(affine, ec.getParams()));
  }
}
