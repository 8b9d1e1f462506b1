package org.probity.node.http;

import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.probity.node.access.Callers;
import org.probity.node.access.KnownCaller;
import org.probity.node.access.Role;
import org.probity.node.http.tls.PeerTrust;

/**
 * Finds out who calls, by bearer token (RFC 6750) or client certificate, and whether a role it has
 * opens a route. Asked for each request: tokens and certificates end, are taken back and revoked,
 * while connections live. Thread-safe.
 */
final class Authority {
  private static final String AUTHORIZATION = "authorization";
  private static final String SCHEME = "bearer ";

  private final Supplier<Callers> callers;
  private final Optional<PeerTrust> certificates;
  private final Set<Role> anonymous;

  /**
   * @param certificates what is believed of those that callers may show; empty: none is asked for
   */
  Authority(Supplier<Callers> callers, Optional<PeerTrust> certificates, Set<Role> anonymous) {
    this.callers = callers;
    this.certificates = certificates;
    this.anonymous = anonymous;
  }

  /**
   * Who calls, if that is known.
   *
   * @throws ProblemException {@code unauthenticated} if it cannot prove who it is and the route
   *     needs that, {@code forbidden} if it may not
   * @throws ShutOutException {@code certificate_revoked}, whatever it asks for and shows besides
   */
  Optional<KnownCaller> admit(HttpServerRequest request, Access access) {
    if (isRevoked(request.connection())) {
      throw new ShutOutException(
          Problems.certificateRevoked(
              byCertificate(request.connection()).map(KnownCaller::name).orElse("a caller")));
    }
    List<String> shown = request.headers().getAll(AUTHORIZATION);
    Optional<KnownCaller> caller = proven(request);
    if (access == Access.EVERYBODY) {
      return caller;
    }
    // A node proves at the peers' listener that it is one, nowhere else.
    Role needed =
        access
            .role()
            .orElseThrow(() -> new ProblemException(Problems.forbidden("this is for nodes")));
    if (caller.isEmpty() && !shown.isEmpty()) {
      throw new ProblemException(
          Problems.unauthenticated("this token is nobody's here, or it is over"));
    }
    if (caller.isEmpty() && !anonymous.contains(needed)) {
      throw new ProblemException(
          Problems.unauthenticated(
              "this needs the role "
                  + needed.text()
                  + ": show a token, or a certificate that this node's operator has listed"));
    }
    if (caller.isPresent() && !mayDo(caller.get(), needed)) {
      throw new ProblemException(
          Problems.forbidden(caller.get().name() + " has not the role " + needed.text()));
    }
    return caller;
  }

  /**
   * Under which name whoever calls is listed, whether or not it is let in; empty if it is not, or
   * has proven nothing.
   */
  Optional<String> listed(HttpServerRequest request) {
    HttpConnection connection = request.connection();
    return (isRevoked(connection) ? byCertificate(connection) : proven(request))
        .map(KnownCaller::name);
  }

  /** Who says a name and cannot prove it is not somebody else instead. */
  private Optional<KnownCaller> proven(HttpServerRequest request) {
    List<String> shown = request.headers().getAll(AUTHORIZATION);
    return shown.isEmpty() ? byCertificate(request.connection()) : byToken(shown);
  }

  /** Who proves who it is has not less than who does not. */
  private boolean mayDo(KnownCaller caller, Role needed) {
    return caller.roles().contains(needed) || anonymous.contains(needed);
  }

  private Optional<KnownCaller> byToken(List<String> headers) {
    String header = headers.get(0);
    boolean isBearer = headers.size() == 1 && header.toLowerCase(Locale.ROOT).startsWith(SCHEME);
    return isBearer
        ? callers.get().byToken(header.substring(SCHEME.length()).strip(), Instant.now())
        : Optional.empty();
  }

  private Optional<KnownCaller> byCertificate(HttpConnection connection) {
    return PeerTrust.certificate(connection)
        .flatMap(certificate -> callers.get().byCertificate(certificate, Instant.now()));
  }

  /** Whether what the other end has shown in its handshake is not believed any more. */
  boolean isRevoked(HttpConnection connection) {
    return certificates.filter(trust -> trust.isRevoked(connection)).isPresent();
  }
}
