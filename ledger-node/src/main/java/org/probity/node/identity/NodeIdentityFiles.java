package org.probity.node.identity;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A node's side of getting certificates: requests out, certificates in. */
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

  /**
   * Requests for new TLS keys, which wait beside those in use for their certificates. Given again,
   * for the same keys: none is overwritten.
   *
   * @param hosts beside the node's id, localhost and 127.0.0.1
   */
  public static List<CertificateRequest> requestsForNewTlsKeys(
      Path directory,
      Optional<String> passphrase,
      String node,
      String member,
      List<String> hosts,
      SecureRandom random) {
    List<CertificateRequest> requests = new ArrayList<>();
    for (TlsPair pair : TlsPair.values()) {
      Secret next = pair.makeNext(directory, passphrase, random);
      requests.add(CertificateRequest.create(next, Purpose.TLS, node, member, hosts));
    }
    return requests;
  }

  /**
   * Puts certificates in place: that of a new TLS key together with its key, both or none; that of
   * a key in use in the place of the one there. A running node takes up those for TLS by itself.
   *
   * @param directory the node's keys folder, with the roots it trusts
   * @param now all of them must be valid then
   * @return the files that were replaced
   * @throws IdentityException before anything is replaced: {@code certificate_key_mismatch} if one
   *     is for none of this node's keys, {@code certificate_untrusted} if none of the node's roots
   *     issued it, {@code certificate_wrong_node}, {@code certificate_expired}, {@code
   *     certificate_not_yet_valid}
   */
  public static List<Path> install(
      Path directory,
      Optional<String> passphrase,
      String node,
      List<X509Certificate> certificates,
      Instant now) {
    for (TlsPair pair : TlsPair.values()) {
      pair.settle(directory, passphrase);
    }
    List<X509Certificate> roots = PemFiles.readCertificates(directory.resolve(NodeKeys.ROOTS));
    List<Placed> places = new ArrayList<>();
    for (X509Certificate certificate : certificates) {
      Placed place = place(directory, passphrase, certificate);
      String what = "the certificate for " + place.file();
      requireTrusted(what, certificate, roots);
      requireValid(what, certificate, now);
      if (place.isTls()) {
        requireNode(what, certificate, node);
      }
      places.add(place);
    }
    places.forEach(
        place ->
            place
                .next()
                .ifPresentOrElse(
                    pair -> pair.replace(directory, passphrase, place.certificate()),
                    () ->
                        PemFiles.replaceText(
                            place.file(), PemFiles.pem(List.of(place.certificate())))));
    return places.stream().map(Placed::file).toList();
  }

  /**
   * Where a certificate goes.
   *
   * @param next if its key waits to be taken into use with it
   */
  private record Placed(
      X509Certificate certificate, Path file, boolean isTls, Optional<TlsPair> next) {}

  private static Placed place(
      Path directory, Optional<String> passphrase, X509Certificate certificate) {
    for (TlsPair pair : TlsPair.values()) {
      Path file = pair.certificateFile(directory);
      if (isOf(pair.next(directory, passphrase), certificate)) {
        return new Placed(certificate, file, true, Optional.of(pair));
      }
      if (isOf(read(pair.keyFile(directory), passphrase), certificate)) {
        return new Placed(certificate, file, true, Optional.empty());
      }
    }
    Map<String, String> signing =
        Map.of(
            NodeKeys.LOG_KEY, NodeKeys.LOG_CERTIFICATE,
            NodeKeys.COSIGNER_KEY, NodeKeys.COSIGNER_CERTIFICATE);
    for (Map.Entry<String, String> entry : signing.entrySet()) {
      if (isOf(read(directory.resolve(entry.getKey()), passphrase), certificate)) {
        return new Placed(
            certificate, directory.resolve(entry.getValue()), false, Optional.empty());
      }
    }
    throw new IdentityException(
        "certificate_key_mismatch",
        "a certificate is for none of the keys in " + directory + ": identity request");
  }

  private static boolean isOf(Optional<Secret> secret, X509Certificate certificate) {
    return secret.filter(key -> key.jcaPublic().equals(certificate.getPublicKey())).isPresent();
  }

  /** A key that is lost is no reason not to install the certificate of another. */
  private static Optional<Secret> read(Path file, Optional<String> passphrase) {
    return Files.exists(file)
        ? Optional.of(PemFiles.readSecret(file, passphrase))
        : Optional.empty();
  }

  static void requireTrusted(
      String what, X509Certificate certificate, List<X509Certificate> roots) {
    if (roots.stream().noneMatch(root -> isIssuedBy(certificate, root))) {
      throw new IdentityException(
          "certificate_untrusted", what + " was not issued by a root in " + NodeKeys.ROOTS);
    }
  }

  static void requireValid(String what, X509Certificate certificate, Instant now) {
    Instant begin = certificate.getNotBefore().toInstant();
    if (now.isBefore(begin)) {
      throw new IdentityException(
          "certificate_not_yet_valid", what + " is valid from " + begin + ": is the clock right?");
    }
    Instant end = certificate.getNotAfter().toInstant();
    if (now.isAfter(end)) {
      throw new IdentityException(
          "certificate_expired", what + " expired at " + end + ": identity request");
    }
  }

  static void requireNode(String what, X509Certificate certificate, String node) {
    if (!PeerIdentity.nodeOf(certificate).filter(node::equals).isPresent()) {
      throw new IdentityException(
          "certificate_wrong_node", what + " does not name the node " + node);
    }
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
