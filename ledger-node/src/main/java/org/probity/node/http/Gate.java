package org.probity.node.http;

import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;

/** Decides for each request who is calling and whether it may. Used on event loops. */
interface Gate {
  /** Lets everybody in, as nobody in particular. */
  Gate OPEN = request -> new Admission("", () -> {});

  /**
   * Lets the caller in.
   *
   * @throws ProblemException if it may not; status 403 also closes the connection
   */
  Admission admit(HttpServerRequest request);

  /** Whether a connection without requests may stay. */
  default boolean mayStay(HttpConnection connection) {
    return true;
  }

  /**
   * A caller who was let in.
   *
   * @param caller node id, or empty
   * @param leave to be called once, when the request is over
   */
  record Admission(String caller, Runnable leave) {}
}
