package org.probity.node.identity;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Optional;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Signer;

/** The key that signs the log of operators' actions and nothing else; made when first needed. */
public final class OperatorsKey {
  public static final String FILE = "operators.pem";

  private OperatorsKey() {}

  /**
   * Signs entries.
   *
   * @throws IdentityException if the file is there and cannot be read, or cannot be written
   */
  public static Signer load(Path keys, Optional<String> passphrase, SecureRandom random) {
    Path file = keys.resolve(FILE);
    if (!Files.exists(file)) {
      try {
        PemFiles.writeSecret(file, Secret.generate(KeyKind.ED25519, random), passphrase);
      } catch (IdentityException e) {
        // Another process may have made it at the same moment.
        if (!Files.exists(file)) {
          throw e;
        }
      }
    }
    return Signer.checked(
        Signer.of(PemFiles.readSecret(file, passphrase).ed25519()), SignatureRule.fastest());
  }
}
