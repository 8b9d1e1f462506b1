package org.probity.node.http;

import io.vertx.core.http.HttpServerRequest;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.function.Predicate;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.probity.node.identity.PeerIdentity;

/**
 * Lets current nodes of the consortium in, each with a quota of requests under way.
 *
 * <p>The TLS handshake has verified the certificate's chain; whether its node still is one changes
 * while the connection lives and is asked for each request. Thread-safe.
 */
final class PeerGate implements Gate {
  private final Predicate<String> isCurrentNode;
  private final Quota requests;

  PeerGate(Predicate<String> isCurrentNode, int maxRequestsPerPeer) {
    this.isCurrentNode = isCurrentNode;
    this.requests = new Quota(maxRequestsPerPeer);
  }

  @Override
  public Admission admit(HttpServerRequest request) {
    String node =
        certificate(request)
            .flatMap(PeerIdentity::nodeOf)
            .orElseThrow(() -> new ProblemException(Problems.certificateWithoutNode()));
    // SPEC operations.md "Revocation": a CRL does not cover open connections, so ask every time.
    if (!isCurrentNode.test(node)) {
      throw new ProblemException(Problems.notCurrentNode(node));
    }
    if (!requests.tryEnter(node)) {
      throw new ProblemException(Problems.tooManyRequests());
    }
    return new Admission(node, () -> requests.leave(node));
  }

  private static Optional<X509Certificate> certificate(HttpServerRequest request) {
    try {
      return request.connection().peerCertificates().stream()
          .findFirst()
          .filter(X509Certificate.class::isInstance)
          .map(X509Certificate.class::cast);
    } catch (SSLPeerUnverifiedException e) {
      // Cannot happen while the listener requires a client certificate.
      return Optional.empty();
    }
  }
}
