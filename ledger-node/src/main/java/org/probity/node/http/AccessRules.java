package org.probity.node.http;

import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.probity.node.access.Callers;
import org.probity.node.access.RequestLimits;
import org.probity.node.access.Role;
import org.probity.node.http.tls.PeerTrust;

/**
 * Who may do what at the listeners for clients and operations.
 *
 * @param callers whom this node knows by name, as of now
 * @param anonymous what everybody else may do at the clients' listener
 * @param certificates which clients' certificates are believed; empty: none is asked for
 * @param operationsTls whether the operations listener speaks TLS, so that callers can prove there
 *     who they are
 * @param perCaller what each of the callers may ask for, if its operator has not said otherwise
 */
public record AccessRules(
    Supplier<Callers> callers,
    Set<Role> anonymous,
    Optional<PeerTrust> certificates,
    boolean operationsTls,
    RequestLimits perCaller) {
  public AccessRules {
    anonymous = Set.copyOf(anonymous);
  }

  /** Nobody is known, and everybody may do what is no operator's. */
  public static AccessRules open() {
    return new AccessRules(
        () -> Callers.NOBODY,
        EnumSet.complementOf(EnumSet.of(Role.OPERATE)),
        Optional.empty(),
        false,
        RequestLimits.standard());
  }
}
