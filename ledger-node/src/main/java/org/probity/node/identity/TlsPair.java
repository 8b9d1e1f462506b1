package org.probity.node.identity;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import org.probity.node.store.StoreFiles;

/**
 * A TLS key and its certificate in the folder of a node, and how both are replaced at once:
 *
 * <pre>
 * tls-ed25519.pem         tls-ed25519-cert.pem         in use
 * tls-ed25519-next.pem                                 waits for its certificate
 * tls-ed25519-former.pem  tls-ed25519-cert-former.pem  in use before
 * </pre>
 *
 * <p>The certificate says which key is in use. So one rename, of the certificate, replaces both:
 * whoever reads before it, after it, or after a crash in between finds a key and its certificate.
 * Only then the keys get their new names, which {@link #settle} does as often as it takes.
 */
enum TlsPair {
  /** Shown to other nodes. */
  NODES(KeyKind.ED25519, NodeKeys.TLS_KEY, NodeKeys.TLS_CERTIFICATE),
  /** Shown to browsers. */
  BROWSERS(KeyKind.P256, NodeKeys.BROWSER_TLS_KEY, NodeKeys.BROWSER_TLS_CERTIFICATE);

  private final KeyKind kind;
  private final String key;
  private final String certificate;

  TlsPair(KeyKind kind, String key, String certificate) {
    this.kind = kind;
    this.key = key;
    this.certificate = certificate;
  }

  Path keyFile(Path directory) {
    return directory.resolve(key);
  }

  Path certificateFile(Path directory) {
    return directory.resolve(certificate);
  }

  Path nextFile(Path directory) {
    return named(keyFile(directory), "-next");
  }

  /** The key of the certificate that is there; without a certificate, the key in the usual file. */
  Secret inUse(Path directory, Optional<String> passphrase) {
    Optional<PublicKey> certified = certified(directory);
    Path file = keyFile(directory);
    boolean isNextIn = certified.isPresent() && Files.exists(nextFile(directory));
    if (!isNextIn) {
      return PemFiles.readSecret(file, passphrase);
    }
    if (Files.exists(file)) {
      Secret usual = PemFiles.readSecret(file, passphrase);
      if (usual.jcaPublic().equals(certified.get())) {
        return usual;
      }
    }
    return next(directory, passphrase)
        .filter(next -> next.jcaPublic().equals(certified.get()))
        .orElseGet(() -> PemFiles.readSecret(file, passphrase));
  }

  /** The key that waits for its certificate. */
  Optional<Secret> next(Path directory, Optional<String> passphrase) {
    Path file = nextFile(directory);
    return Files.exists(file)
        ? Optional.of(PemFiles.readSecret(file, passphrase))
        : Optional.empty();
  }

  /** The same, made if there is none. */
  Secret makeNext(Path directory, Optional<String> passphrase, SecureRandom random) {
    settle(directory, passphrase);
    Optional<Secret> waiting = next(directory, passphrase);
    if (waiting.isPresent()) {
      return waiting.get();
    }
    Secret made = Secret.generate(kind, random);
    PemFiles.writeSecret(nextFile(directory), made, passphrase);
    return made;
  }

  /** Puts the next key and its certificate in the place of those in use, and these aside. */
  void replace(Path directory, Optional<String> passphrase, X509Certificate issued) {
    Path file = certificateFile(directory);
    if (Files.exists(file)) {
      PemFiles.replaceText(named(file, "-former"), PemFiles.readText(file));
    }
    PemFiles.replaceText(file, PemFiles.pem(List.of(issued)));
    try {
      // Also after a power cut: no key has its new name before the certificate is there.
      StoreFiles.syncDirectory(directory);
    } catch (IOException e) {
      throw new IdentityException("key_file_io", "cannot sync " + directory, e);
    }
    settle(directory, passphrase);
  }

  /** Names the keys by what they are, if a certificate was put in place and the keys were not. */
  void settle(Path directory, Optional<String> passphrase) {
    Optional<PublicKey> certified = certified(directory);
    boolean isNextInUse =
        next(directory, passphrase)
            .filter(next -> certified.equals(Optional.of(next.jcaPublic())))
            .isPresent();
    if (!isNextInUse) {
      return;
    }
    Path file = keyFile(directory);
    try {
      if (Files.exists(file)) {
        rename(file, named(file, "-former"));
      }
      rename(nextFile(directory), file);
    } catch (IOException e) {
      throw new IdentityException("key_file_io", "cannot rename " + nextFile(directory), e);
    }
  }

  private Optional<PublicKey> certified(Path directory) {
    Path file = certificateFile(directory);
    return Files.exists(file)
        ? Optional.of(PemFiles.readCertificates(file).get(0).getPublicKey())
        : Optional.empty();
  }

  private static void rename(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static Path named(Path file, String suffix) {
    String name = String.valueOf(file.getFileName());
    return file.resolveSibling(name.replace(".pem", suffix + ".pem"));
  }
}
