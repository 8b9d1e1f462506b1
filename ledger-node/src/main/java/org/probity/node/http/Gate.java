package org.probity.node.http;

import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import java.util.Optional;
import org.probity.node.access.KnownCaller;

/** Decides for each request who is calling and whether it may. Used on event loops. */
interface Gate {
  /**
   * Lets the caller in.
   *
   * @param access that the route asks for
   * @throws ProblemException if it may not
   * @throws ShutOutException if it has no business on this connection
   */
  Admission admit(HttpServerRequest request, Access access);

  /** Whether a connection without requests may stay. */
  default boolean mayStay(HttpConnection connection) {
    return true;
  }

  /**
   * A caller who was let in.
   *
   * @param node node id, or empty
   * @param caller whom the operator has listed, if it is one of these
   * @param leave to be called once, when the request is over
   */
  record Admission(String node, Optional<KnownCaller> caller, Runnable leave) {}
}
