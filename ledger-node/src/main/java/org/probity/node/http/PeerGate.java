package org.probity.node.http;

import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import java.util.Optional;
import java.util.function.Function;
import org.probity.node.http.tls.PeerTrust;
import org.probity.node.identity.PeerIdentity;

/**
 * Lets current nodes of the consortium in, each with a quota of requests under way.
 *
 * <p>The TLS handshake has verified the certificate's chain; whether its node still is one, and
 * whether the certificate was revoked, changes while the connection lives and is asked for each
 * request. Thread-safe.
 */
final class PeerGate implements Gate {
  private final Function<String, PeerStanding> standing;
  private final PeerTrust trust;
  private final Quota requests;

  PeerGate(Function<String, PeerStanding> standing, PeerTrust trust, int maxRequestsPerPeer) {
    this.standing = standing;
    this.trust = trust;
    this.requests = new Quota(maxRequestsPerPeer);
  }

  @Override
  public Admission admit(HttpServerRequest request, Access access) {
    if (access.role().isPresent()) {
      throw new ProblemException(Problems.forbidden("a node has no role here"));
    }
    String node =
        PeerTrust.certificate(request.connection())
            .flatMap(PeerIdentity::nodeOf)
            .orElseThrow(() -> new ShutOutException(Problems.certificateWithoutNode()));
    // A resumed session has shown its certificate to nobody, an open connection before the list.
    if (trust.isRevoked(request.connection())) {
      throw new ShutOutException(Problems.certificateRevoked(node));
    }
    // SPEC operations.md "Revocation": a CRL does not cover open connections, so ask every time.
    switch (standing.apply(node)) {
      case CURRENT -> {}
      case SUSPENDED -> {
        // SPEC protocol.md §13.4: it is to hear of its case, and of its readmission.
        if (!PeerRoutes.GOVERNANCE.equals(request.path())) {
          throw new ShutOutException(Problems.stopped(node, PeerStanding.SUSPENDED));
        }
      }
      case REVOKED -> throw new ShutOutException(Problems.stopped(node, PeerStanding.REVOKED));
      case UNKNOWN -> throw new ShutOutException(Problems.notCurrentNode(node));
    }
    if (!requests.tryEnter(node)) {
      throw new ProblemException(Problems.tooManyRequests());
    }
    return new Admission(node, Optional.empty(), () -> requests.leave(node));
  }

  @Override
  public boolean mayStay(HttpConnection connection) {
    return !trust.isRevoked(connection)
        && PeerTrust.certificate(connection)
            .flatMap(PeerIdentity::nodeOf)
            .map(standing)
            .filter(is -> is == PeerStanding.CURRENT || is == PeerStanding.SUSPENDED)
            .isPresent();
  }
}
