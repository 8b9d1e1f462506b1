package org.probity.detector.crypto;

import org.bouncycastle.math.ec.rfc8032.Ed25519;

/** The reference provider: pure Java, on every platform. */
final class BouncyCastleEd25519 implements Ed25519Provider {
  static final BouncyCastleEd25519 INSTANCE = new BouncyCastleEd25519();

  private BouncyCastleEd25519() {}

  @Override
  public String name() {
    return "bouncycastle";
  }

  @Override
  public boolean rawVerify(PublicKey key, byte[] message, byte[] signature) {
    // Since 1.74 Bouncy Castle's verdict is cofactored: [8]([S]B - R - [k]A) = 0, so R may carry a
    // small-order component. With A and R both in the prime-order subgroup the bracket lies in it
    // too, where multiplication by 8 is injective: the verdict is then the cofactorless one.
    // Verification first: it is the cheaper check and most bad signatures fail it.
    return Ed25519.verify(signature, 0, key.point(), message, 0, message.length)
        && Ed25519.validatePublicKeyFull(signature, 0);
  }

  @Override
  public byte[] sign(PrivateKey key, byte[] message) {
    byte[] signature = new byte[Ed25519.SIGNATURE_SIZE];
    byte[] publicKey = key.publicKey().toBytes().unsafeArray();
    Ed25519.sign(key.seed(), 0, publicKey, 0, message, 0, message.length, signature, 0);
    return signature;
  }
}
