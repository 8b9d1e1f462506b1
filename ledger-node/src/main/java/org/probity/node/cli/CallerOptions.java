package org.probity.node.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.probity.node.http.api.Credentials;
import org.probity.node.identity.PemFiles;
import org.probity.node.identity.TlsIdentity;
import picocli.CommandLine.Option;

/** The options that say as whom a command asks a node; part of every {@link Target}. */
final class CallerOptions {
  @Option(
      names = "--token",
      paramLabel = "TOKEN",
      description =
          "Who is asking, where the node wants to know; others see it in the process list.")
  private @Nullable String token;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description = "The same, in a file as identity token writes it.")
  private @Nullable Path tokenFile;

  @Option(
      names = "--client-certificate",
      paramLabel = "FILE",
      description = "The same by a certificate (PEM) that the node's operator has listed.")
  private @Nullable Path certificate;

  @Option(
      names = "--client-key",
      paramLabel = "FILE",
      description = "The certificate's private key (PEM, PKCS#8).")
  private @Nullable Path key;

  Credentials credentials() {
    if (token != null && tokenFile != null) {
      throw CliException.usage("--token or --token-file, not both");
    }
    if ((certificate == null) != (key == null)) {
      throw CliException.usage("--client-certificate and --client-key belong together");
    }
    return new Credentials(
        Optional.ofNullable(tokenFile == null ? token : read(tokenFile)),
        certificate == null || key == null
            ? Optional.empty()
            : Optional.of(
                TlsIdentity.keyManager(
                    PemFiles.readSecret(key), PemFiles.readCertificates(certificate))));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file, StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw CliException.config("token_unreadable", "cannot read " + file + ": " + e);
    }
  }
}
