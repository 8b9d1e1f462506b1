package org.probity.node.http;

import io.vertx.core.http.HttpServerRequest;
import java.util.Optional;
import org.probity.node.access.KnownCaller;

/**
 * Lets clients in: a quota of requests under way per address, then whoever may use the route.
 * Thread-safe.
 */
final class ClientGate implements Gate {
  private final Quota requests;
  private final Authority authority;

  ClientGate(int maxRequestsPerAddress, Authority authority) {
    this.requests = new Quota(maxRequestsPerAddress);
    this.authority = authority;
  }

  @Override
  public Admission admit(HttpServerRequest request, Access access) {
    String address = ClientAddress.of(request.remoteAddress());
    if (!requests.tryEnter(address)) {
      throw new ProblemException(Problems.tooManyRequestsOfAddress());
    }
    try {
      Optional<KnownCaller> caller = authority.admit(request, access);
      return new Admission("", caller, () -> requests.leave(address));
    } catch (ProblemException e) {
      requests.leave(address);
      throw e;
    }
  }
}
