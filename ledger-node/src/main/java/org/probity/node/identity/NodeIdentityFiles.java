package org.probity.node.identity;

import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A node's side of getting certificates: four requests out, four certificates in. */
public final class NodeIdentityFiles {
  private NodeIdentityFiles() {}

  /**
   * Requests for all four keys: for a new node, or for renewal with the same keys, which no
   * decision of the consortium is needed for (protocol.md §2.4).
   *
   * @param hosts beside the node's id, localhost and 127.0.0.1
   */
  public static List<CertificateRequest> requests(
      NodeKeys keys, String node, String member, List<String> hosts) {
    return List.of(
        CertificateRequest.create(keys.log(), Purpose.LOG, node, member, List.of()),
        CertificateRequest.create(keys.cosigner(), Purpose.COSIGNER, node, member, List.of()),
        CertificateRequest.create(keys.tls(), Purpose.TLS, node, member, hosts),
        CertificateRequest.create(keys.browserTls(), Purpose.TLS, node, member, hosts));
  }

  /** A name for the file of a request: {@code tls-ed25519.csr}. */
  public static String fileName(CertificateRequest request) {
    return request.purpose().text() + "-" + request.kind().name().toLowerCase(Locale.ROOT) + ".csr";
  }

  /**
   * Puts a certificate beside the key it is for, in place of the one there. The running node takes
   * it up at its next start.
   *
   * @param directory the node's keys folder, with the roots it trusts
   * @return the file that was replaced
   * @throws IdentityException {@code certificate_key_mismatch} if it is for none of this node's
   *     keys, {@code certificate_untrusted} if none of the node's roots issued it
   */
  public static Path install(Path directory, NodeKeys keys, X509Certificate certificate) {
    String name = fileFor(keys, certificate);
    boolean isTrusted =
        PemFiles.readCertificates(directory.resolve(NodeKeys.ROOTS)).stream()
            .anyMatch(root -> isIssuedBy(certificate, root));
    if (!isTrusted) {
      throw new IdentityException(
          "certificate_untrusted",
          "the certificate was not issued by a root in " + directory.resolve(NodeKeys.ROOTS));
    }
    Path file = directory.resolve(name);
    PemFiles.replaceText(file, PemFiles.pem(List.of(certificate)));
    return file;
  }

  private static String fileFor(NodeKeys keys, X509Certificate certificate) {
    Map<String, Secret> secrets =
        Map.of(
            NodeKeys.LOG_CERTIFICATE, keys.log(),
            NodeKeys.COSIGNER_CERTIFICATE, keys.cosigner(),
            NodeKeys.TLS_CERTIFICATE, keys.tls(),
            NodeKeys.BROWSER_TLS_CERTIFICATE, keys.browserTls());
    for (Map.Entry<String, Secret> entry : secrets.entrySet()) {
      if (entry.getValue().jcaPublic().equals(certificate.getPublicKey())) {
        return entry.getKey();
      }
    }
    throw new IdentityException(
        "certificate_key_mismatch", "the certificate is for none of this node's keys");
  }

  static boolean isIssuedBy(X509Certificate certificate, X509Certificate root) {
    try {
      certificate.verify(root.getPublicKey());
      return certificate.getIssuerX500Principal().equals(root.getSubjectX500Principal());
    } catch (GeneralSecurityException e) {
      return false;
    }
  }
}
