package org.probity.detector.crypto;

/**
 * An implementation of Ed25519 (RFC 8032 §5.1, without prehash and context) behind the one rule.
 * Get one from {@link Ed25519Providers}. All of those are thread-safe and give identical verdicts
 * and identical signatures; they differ in speed. The simulator alone has one that is no Ed25519.
 */
public interface Ed25519Provider {
  /** For logs and metrics: {@code corretto}, {@code bouncycastle} or {@code jdk}. */
  String name();

  /**
   * Whether {@code [S]B = R + [k]A} holds <em>without</em> the cofactor.
   *
   * <p>Not for use by itself: {@link SignatureRule} is. The rule has established beforehand that
   * the signature has 64 bytes, that {@code S < L}, and that R is encoded canonically and not of
   * small order; for other inputs the answer is unspecified. May throw any RuntimeException, which
   * the rule takes for a no.
   */
  boolean rawVerify(PublicKey key, byte[] message, byte[] signature);

  /** The 64 bytes of the deterministic signature of RFC 8032. */
  byte[] sign(PrivateKey key, byte[] message);
}
