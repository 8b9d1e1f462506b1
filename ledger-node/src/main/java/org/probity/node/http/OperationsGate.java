package org.probity.node.http;

import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import java.util.EnumSet;
import java.util.Set;
import org.probity.node.access.Callers;
import org.probity.node.access.Role;

/**
 * Who may operate the node. On the loopback address, whoever is on its machine; else who proves
 * that the operator has given it the role, which takes TLS: a token is not asked for in the clear,
 * so without TLS nobody operates the node from elsewhere. Thread-safe.
 */
final class OperationsGate implements Gate {
  private static final Set<Role> NOBODY = EnumSet.noneOf(Role.class);

  private final boolean canProve;
  private final Authority authority;
  private final ActionRecord actions;

  /**
   * @param host that the listener is bound to
   */
  OperationsGate(String host, AccessRules rules, ActionRecord actions) {
    this.actions = actions;
    boolean isLoopback = ListenAddress.isLoopback(host);
    this.canProve = isLoopback || rules.operationsTls();
    this.authority =
        new Authority(
            rules.operationsTls() ? rules.callers() : () -> Callers.NOBODY,
            rules.certificates(),
            isLoopback ? EnumSet.allOf(Role.class) : NOBODY);
  }

  @Override
  public Admission admit(HttpServerRequest request, Access access) {
    try {
      return allowed(request, access);
    } catch (ProblemException e) {
      actions.record(
          authority.listed(request).orElse(ActionRecord.ANONYMOUS),
          ActionRecord.REFUSED,
          request.method() + " " + request.path() + ": " + e.problem().detail(),
          e.problem().code());
      throw e;
    }
  }

  private Admission allowed(HttpServerRequest request, Access access) {
    if (access.role().isPresent() && !canProve) {
      throw new ProblemException(
          Problems.forbidden(
              "this listener is neither on the loopback address nor speaks TLS (operations.tls)"));
    }
    return new Admission("", authority.admit(request, access), () -> {});
  }

  @Override
  public boolean mayStay(HttpConnection connection) {
    return !authority.isRevoked(connection);
  }
}
