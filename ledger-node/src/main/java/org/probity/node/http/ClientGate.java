package org.probity.node.http;

import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.LongSupplier;
import org.probity.node.access.Callers;
import org.probity.node.access.KnownCaller;
import org.probity.node.access.RequestLimits;

/**
 * Lets clients in: a quota of requests under way per address, then whoever may use the route, and
 * who has a name with quotas of its own, wherever it calls from. Thread-safe; remembers no more
 * names than the operator has listed.
 */
final class ClientGate implements Gate {
  private final Quota ofAddresses;
  private final Authority authority;
  private final RequestLimits perCaller;
  private final LongSupplier nanos;
  private final Quota ofCallers;
  private final RequestRate rates = new RequestRate(Callers.MAX_CALLERS);

  /**
   * @param nanos a clock that only goes forward
   */
  ClientGate(
      int maxRequestsPerAddress, Authority authority, RequestLimits perCaller, LongSupplier nanos) {
    this.nanos = nanos;
    this.ofAddresses = new Quota(maxRequestsPerAddress);
    this.authority = authority;
    this.perCaller = perCaller;
    this.ofCallers = new Quota(perCaller.inFlight());
  }

  @Override
  public Admission admit(HttpServerRequest request, Access access) {
    String address = ClientAddress.of(request.remoteAddress());
    if (!ofAddresses.tryEnter(address)) {
      throw new ProblemException(Problems.tooManyRequestsOfAddress());
    }
    try {
      Optional<KnownCaller> caller = authority.admit(request, access);
      caller.ifPresent(this::enter);
      return new Admission(
          "",
          caller,
          () -> {
            ofAddresses.leave(address);
            caller.ifPresent(known -> ofCallers.leave(known.name()));
          });
    } catch (ProblemException e) {
      ofAddresses.leave(address);
      throw e;
    }
  }

  @Override
  public boolean mayStay(HttpConnection connection) {
    return !authority.isRevoked(connection);
  }

  private void enter(KnownCaller caller) {
    RequestLimits limits = caller.limits(perCaller);
    OptionalInt wait = rates.tryBegin(caller.name(), limits.perSecond(), nanos.getAsLong());
    if (wait.isPresent()) {
      throw new ProblemException(Problems.tooManyRequestsPerSecond(caller.name(), wait.getAsInt()));
    }
    if (!ofCallers.tryEnter(caller.name(), limits.inFlight())) {
      throw new ProblemException(Problems.tooManyRequestsOfCaller(caller.name()));
    }
  }
}
