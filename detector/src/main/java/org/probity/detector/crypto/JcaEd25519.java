package org.probity.detector.crypto;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Provider;
import java.security.Signature;

/**
 * Ed25519 through the Java Cryptography Architecture: Amazon Corretto's native code, or the JDK's
 * own. The provider object is used directly and never registered, so nobody else's cryptography
 * changes.
 */
final class JcaEd25519 implements Ed25519Provider {
  private static final String ALGORITHM = "Ed25519";

  private final String name;
  private final KeyFactory keys;

  // Per thread, because a Signature has state; reused, because making one and translating the
  // key of the last call again costs as much as a third of a native signature.
  private final ThreadLocal<Signature> verifiers;
  private final ThreadLocal<Signature> signers;

  /** Throws GeneralSecurityException if {@code provider} does not know Ed25519. */
  JcaEd25519(String name, Provider keyProvider, Provider provider) throws GeneralSecurityException {
    this.name = name;
    this.keys = KeyFactory.getInstance(ALGORITHM, keyProvider);
    Signature.getInstance(ALGORITHM, provider);
    this.verifiers = ThreadLocal.withInitial(() -> newSignature(provider));
    this.signers = ThreadLocal.withInitial(() -> newSignature(provider));
  }

  @Override
  public String name() {
    return name;
  }

  /**
   * Both implementations compare {@code [S]B - [k]A} with R and are therefore cofactorless. As A is
   * in the prime-order subgroup, an R that passes is in it as well, being a difference of two
   * members: the only R of small order that could pass is the neutral element, and the rule's
   * small-order check, done before, is all that is left of a full validation of R.
   */
  @Override
  public boolean rawVerify(PublicKey key, byte[] message, byte[] signature) {
    Signature verifier = verifiers.get();
    try {
      verifier.initVerify(key.jcaKey(keys));
      verifier.update(message);
      return verifier.verify(signature);
    } catch (GeneralSecurityException | RuntimeException e) {
      verifiers.remove(); // whatever state the exception left behind
      return false;
    }
  }

  @Override
  public byte[] sign(PrivateKey key, byte[] message) {
    Signature signer = signers.get();
    try {
      signer.initSign(key.jcaKey(keys));
      signer.update(message);
      return signer.sign();
    } catch (GeneralSecurityException | RuntimeException e) {
      signers.remove();
      throw new IllegalStateException("the " + name + " provider cannot sign", e);
    }
  }

  private static Signature newSignature(Provider provider) {
    try {
      return Signature.getInstance(ALGORITHM, provider);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the provider knew Ed25519 a moment ago", e);
    }
  }
}
