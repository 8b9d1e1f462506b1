package org.probity.detector.crypto;

import org.probity.detector.codec.Bytes;

/**
 * The power to sign as somebody. Held by as few as possible: whoever holds the signer of a log key
 * can make that node equivocate.
 *
 * <p>An implementation may be outside the process (a signing service, an HSM); it then throws a
 * RuntimeException when it cannot or will not sign.
 */
public interface Signer {
  PublicKey publicKey();

  /** A 64-byte signature of {@code message}, valid under the rule. */
  Bytes sign(Bytes message);

  /** Signs in this process with the fastest provider available. */
  static Signer of(PrivateKey key) {
    return of(key, Ed25519Providers.fastest());
  }

  /** Signs in this process. */
  static Signer of(PrivateKey key, Ed25519Provider provider) {
    return new Signer() {
      @Override
      public PublicKey publicKey() {
        return key.publicKey();
      }

      @Override
      public Bytes sign(Bytes message) {
        return Bytes.wrap(provider.sign(key, message.unsafeArray()));
      }

      @Override
      public String toString() {
        return "Signer[" + key.publicKey() + "]";
      }
    };
  }

  /**
   * A signer that verifies every signature before it hands it out, and throws IllegalStateException
   * instead of handing out a bad one. For log and governance keys: a bit that flipped while signing
   * would publish a checkpoint that nobody accepts, or, with two signatures of one message, the key
   * itself. Also catches an outside signer that holds another key than it says.
   */
  static Signer checked(Signer signer, SignatureRule rule) {
    return new Signer() {
      @Override
      public PublicKey publicKey() {
        return signer.publicKey();
      }

      @Override
      public Bytes sign(Bytes message) {
        Bytes signature = signer.sign(message);
        if (!rule.accepts(signer.publicKey(), message, signature)) {
          throw new IllegalStateException("bad signature made by " + signer);
        }
        return signature;
      }

      @Override
      public String toString() {
        return signer.toString();
      }
    };
  }
}
