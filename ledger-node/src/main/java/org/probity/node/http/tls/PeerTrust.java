package org.probity.node.http.tls;

import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.TrustOptions;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * Whom a node believes at the other end of a connection, whoever opened it: another node, or a
 * client that has a certificate, if that is by one of the roots and not revoked.
 *
 * <p>A handshake that resumes a session asks no trust manager, and a connection outlives the
 * handshake. So {@link #isRevoked} is asked again with every request.
 *
 * @param revoked changes while the node runs
 */
public record PeerTrust(List<X509Certificate> roots, Predicate<X509Certificate> revoked) {
  public PeerTrust {
    roots = List.copyOf(roots);
  }

  /** Where nothing is revoked. */
  public static PeerTrust of(List<X509Certificate> roots) {
    return new PeerTrust(roots, certificate -> false);
  }

  /** Of who connects to this node. Who that is, its certificate says. */
  public TrustOptions clients() {
    return TrustOptions.wrap(new UnrevokedTrust(PinnedTrust.toHost(roots), revoked));
  }

  /** Of whom this node connects to. */
  public TrustOptions server(String node) {
    return TrustOptions.wrap(new UnrevokedTrust(PinnedTrust.toNode(roots, node), revoked));
  }

  /** Whether the certificate at the other end of a connection is revoked by now. */
  public boolean isRevoked(HttpConnection connection) {
    return certificate(connection).filter(revoked).isPresent();
  }

  /** What the other end of a connection has shown. */
  public static Optional<X509Certificate> certificate(HttpConnection connection) {
    if (!connection.isSsl()) {
      return Optional.empty();
    }
    try {
      return connection.peerCertificates().stream()
          .findFirst()
          .filter(X509Certificate.class::isInstance)
          .map(X509Certificate.class::cast);
    } catch (SSLPeerUnverifiedException e) {
      // It has shown none, which a node has to.
      return Optional.empty();
    }
  }
}
