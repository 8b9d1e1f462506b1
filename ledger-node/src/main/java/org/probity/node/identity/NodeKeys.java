package org.probity.node.identity;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Optional;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Signer;

/**
 * The private keys of one node, and where their files are. Immutable.
 *
 * @param log signs checkpoints and statements
 * @param cosigner C2SP cosignatures only
 * @param tls transport between nodes
 * @param browserTls transport for browsers, P-256
 */
public record NodeKeys(Secret log, Secret cosigner, Secret tls, Secret browserTls) {
  public static final String LOG_KEY = "log.pem";
  public static final String COSIGNER_KEY = "cosigner.pem";
  public static final String TLS_KEY = "tls-ed25519.pem";
  public static final String BROWSER_TLS_KEY = "tls-p256.pem";
  public static final String LOG_CERTIFICATE = "log-cert.pem";
  public static final String COSIGNER_CERTIFICATE = "cosigner-cert.pem";
  public static final String TLS_CERTIFICATE = "tls-ed25519-cert.pem";
  public static final String BROWSER_TLS_CERTIFICATE = "tls-p256-cert.pem";
  public static final String ROOTS = "ca.pem";

  public NodeKeys {
    require(log, KeyKind.ED25519, LOG_KEY);
    require(cosigner, KeyKind.ED25519, COSIGNER_KEY);
    require(tls, KeyKind.ED25519, TLS_KEY);
    require(browserTls, KeyKind.P256, BROWSER_TLS_KEY);
    // SPEC protocol.md §2.2: no key does another's work.
    boolean areDistinct =
        !log.jcaPublic().equals(cosigner.jcaPublic())
            && !log.jcaPublic().equals(tls.jcaPublic())
            && !cosigner.jcaPublic().equals(tls.jcaPublic());
    if (!areDistinct) {
      throw new IdentityException(
          "key_reused", "log, cosigner and TLS key must be three different keys");
    }
  }

  private static void require(Secret secret, KeyKind kind, String name) {
    if (secret.kind() != kind) {
      throw new IdentityException(
          "key_kind_mismatch", name + " must be a " + kind + " key, not " + secret.kind());
    }
  }

  public static NodeKeys generate(SecureRandom random) {
    return new NodeKeys(
        Secret.generate(KeyKind.ED25519, random),
        Secret.generate(KeyKind.ED25519, random),
        Secret.generate(KeyKind.ED25519, random),
        Secret.generate(KeyKind.P256, random));
  }

  /** Reads the four key files of {@code directory}, not encrypted. */
  public static NodeKeys load(Path directory) {
    return load(directory, Optional.empty());
  }

  /**
   * Reads the four keys in use of {@code directory}; one passphrase opens all that are encrypted.
   */
  public static NodeKeys load(Path directory, Optional<String> passphrase) {
    return new NodeKeys(
        PemFiles.readSecret(directory.resolve(LOG_KEY), passphrase),
        PemFiles.readSecret(directory.resolve(COSIGNER_KEY), passphrase),
        TlsPair.NODES.inUse(directory, passphrase),
        TlsPair.BROWSERS.inUse(directory, passphrase));
  }

  /** Writes four new files, mode 0600. */
  public void save(Path directory) {
    PemFiles.createPrivateDirectory(directory);
    PemFiles.writeSecret(directory.resolve(LOG_KEY), log);
    PemFiles.writeSecret(directory.resolve(COSIGNER_KEY), cosigner);
    PemFiles.writeSecret(directory.resolve(TLS_KEY), tls);
    PemFiles.writeSecret(directory.resolve(BROWSER_TLS_KEY), browserTls);
  }

  /** Signs as this log; hands out no signature that it has not verified. */
  public Signer logSigner() {
    return checked(log);
  }

  /** Cosigns as this node. */
  public Signer cosignerSigner() {
    return checked(cosigner);
  }

  private static Signer checked(Secret secret) {
    return Signer.checked(Signer.of(secret.ed25519()), SignatureRule.fastest());
  }
}
