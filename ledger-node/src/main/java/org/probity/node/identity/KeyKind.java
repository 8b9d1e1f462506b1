package org.probity.node.identity;

import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.util.Optional;

/** The two kinds of keys in use. */
public enum KeyKind {
  ED25519("Ed25519", "Ed25519"),
  P256("EC", "SHA256withECDSA");

  private static final int P256_BITS = 256;

  private final String keyAlgorithm;
  private final String signatureAlgorithm;

  KeyKind(String keyAlgorithm, String signatureAlgorithm) {
    this.keyAlgorithm = keyAlgorithm;
    this.signatureAlgorithm = signatureAlgorithm;
  }

  String keyAlgorithm() {
    return keyAlgorithm;
  }

  String signatureAlgorithm() {
    return signatureAlgorithm;
  }

  /** The kind of a key, if it is one of ours. */
  static Optional<KeyKind> of(PublicKey key) {
    if (key instanceof EdECPublicKey edwards && edwards.getParams().getName().equals("Ed25519")) {
      return Optional.of(ED25519);
    }
    if (key instanceof ECPublicKey ec
        && ec.getParams().getCurve().getField().getFieldSize() == P256_BITS
        && ec.getParams().getOrder().equals(P256Keys.ORDER)) {
      return Optional.of(P256);
    }
    return Optional.empty();
  }
}
