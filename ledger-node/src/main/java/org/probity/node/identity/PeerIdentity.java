package org.probity.node.identity;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.probity.detector.log.Identifier;

/**
 * Which node a verified certificate names: the one URI {@code urn:probity:node:<id>} among its
 * alternative names. Host names do not count, every node's certificate is also good for localhost.
 */
public final class PeerIdentity {
  private static final String TLS_PREFIX = "urn:probity:node:";
  private static final int URI_NAME = 6;

  private PeerIdentity() {}

  static String uri(String node, Purpose purpose) {
    return purpose == Purpose.TLS
        ? TLS_PREFIX + node
        : "urn:probity:" + purpose.text() + ":" + node;
  }

  /**
   * The node a TLS certificate names; empty if it names none, several, or is for another purpose.
   */
  public static Optional<String> nodeOf(X509Certificate certificate) {
    try {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      if (names == null) {
        return Optional.empty();
      }
      List<String> uris =
          names.stream()
              .filter(name -> name.get(0).equals(URI_NAME))
              .map(name -> String.valueOf(name.get(1)))
              .toList();
      if (uris.size() != 1 || !uris.get(0).startsWith(TLS_PREFIX)) {
        return Optional.empty();
      }
      return Optional.of(uris.get(0).substring(TLS_PREFIX.length())).filter(Identifier::isValid);
    } catch (CertificateParsingException e) {
      return Optional.empty();
    }
  }
}
