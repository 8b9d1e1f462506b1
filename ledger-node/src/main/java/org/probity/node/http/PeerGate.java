package org.probity.node.http;

import io.vertx.core.http.HttpServerRequest;
import java.security.cert.X509Certificate;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
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
  private final int maxRequestsPerPeer;
  private final Map<String, Integer> underWay = new ConcurrentHashMap<>();

  PeerGate(Predicate<String> isCurrentNode, int maxRequestsPerPeer) {
    this.isCurrentNode = isCurrentNode;
    this.maxRequestsPerPeer = maxRequestsPerPeer;
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
    if (underWay.merge(node, 1, Integer::sum) > maxRequestsPerPeer) {
      leave(node);
      throw new ProblemException(Problems.tooManyRequests());
    }
    return new Admission(node, () -> leave(node));
  }

  private void leave(String node) {
    underWay.computeIfPresent(node, (key, count) -> count == 1 ? null : count - 1);
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
