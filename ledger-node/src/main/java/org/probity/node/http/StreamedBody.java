package org.probity.node.http;

import io.vertx.core.http.HttpServerResponse;

/** Writes a long-lived response body; runs on the connection's event loop. */
@FunctionalInterface
public interface StreamedBody {

  /**
   * Takes over a response whose status and headers are set. It must end the response itself and
   * must honour its write queue, but set neither its end, close nor exception handler.
   *
   * @return what to do once the response is over, whoever ended it
   */
  Runnable writeTo(HttpServerResponse response);
}
