package org.probity.node.identity;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Optional;
import org.probity.detector.crypto.PublicKey;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Signer;

/**
 * A member's governance key: ballots, enrolments, statements on a case. It lives with the
 * organisation, in a folder of its own, and not on the node's machine.
 *
 * @param secret an Ed25519 key
 */
public record MemberKey(Secret secret) {
  public static final String FILE = "governance.pem";

  public MemberKey {
    if (secret.kind() != KeyKind.ED25519) {
      throw new IdentityException("key_kind_mismatch", FILE + " must be an Ed25519 key");
    }
  }

  public static MemberKey generate(SecureRandom random) {
    return new MemberKey(Secret.generate(KeyKind.ED25519, random));
  }

  /** Reads the key file of {@code directory}. */
  public static MemberKey load(Path directory, Optional<String> passphrase) {
    return new MemberKey(PemFiles.readSecret(directory.resolve(FILE), passphrase));
  }

  public void save(Path directory) {
    PemFiles.createPrivateDirectory(directory);
    PemFiles.writeSecret(directory.resolve(FILE), secret);
  }

  public PublicKey publicKey() {
    return secret.ed25519().publicKey();
  }

  /** Signs as this member; hands out no signature that it has not verified. */
  public Signer signer() {
    return Signer.checked(Signer.of(secret.ed25519()), SignatureRule.fastest());
  }
}
