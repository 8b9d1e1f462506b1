package org.probity.node.identity;

import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

/**
 * The certificates of one node, one per key, and the roots it trusts. Immutable.
 *
 * @param roots both roots of the consortium's authority
 */
public record NodeCertificates(
    X509Certificate log,
    X509Certificate cosigner,
    X509Certificate tls,
    X509Certificate browserTls,
    List<X509Certificate> roots) {
  public NodeCertificates {
    roots = List.copyOf(roots);
  }

  /**
   * Requests and issues all four in one place, for {@code network init}, where one process has the
   * authority and the node's keys. Elsewhere the requests travel as files.
   *
   * @param hosts DNS names and addresses beside the node's id, localhost and 127.0.0.1
   */
  public static NodeCertificates issue(
      CertificateAuthority authority,
      NodeKeys keys,
      String node,
      String member,
      List<String> hosts,
      Instant now) {
    return new NodeCertificates(
        issue(authority, keys.log(), Purpose.LOG, node, member, List.of(), now),
        issue(authority, keys.cosigner(), Purpose.COSIGNER, node, member, List.of(), now),
        issue(authority, keys.tls(), Purpose.TLS, node, member, hosts, now),
        issue(authority, keys.browserTls(), Purpose.TLS, node, member, hosts, now),
        authority.roots());
  }

  private static X509Certificate issue(
      CertificateAuthority authority,
      Secret secret,
      Purpose purpose,
      String node,
      String member,
      List<String> hosts,
      Instant now) {
    return authority.issue(
        CertificateRequest.create(secret, purpose, node, member, hosts),
        now,
        CertificateAuthority.DEFAULT_VALIDITY);
  }

  /** The four, without the roots. */
  public List<X509Certificate> all() {
    return List.of(log, cosigner, tls, browserTls);
  }

  /** Writes them beside the keys. */
  public void save(Path directory) {
    PemFiles.writeCertificates(directory.resolve(NodeKeys.LOG_CERTIFICATE), List.of(log));
    PemFiles.writeCertificates(directory.resolve(NodeKeys.COSIGNER_CERTIFICATE), List.of(cosigner));
    PemFiles.writeCertificates(directory.resolve(NodeKeys.TLS_CERTIFICATE), List.of(tls));
    PemFiles.writeCertificates(
        directory.resolve(NodeKeys.BROWSER_TLS_CERTIFICATE), List.of(browserTls));
    PemFiles.writeCertificates(directory.resolve(NodeKeys.ROOTS), roots);
  }
}
