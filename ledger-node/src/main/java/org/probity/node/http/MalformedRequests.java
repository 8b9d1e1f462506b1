package org.probity.node.http;

import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;

/** Answers HTTP/1.1 requests that cannot be parsed, and ends their connection. */
final class MalformedRequests implements Handler<HttpServerRequest> {
  private final RequestIds ids;

  MalformedRequests(RequestIds ids) {
    this.ids = ids;
  }

  @Override
  public void handle(HttpServerRequest request) {
    // Nothing in the request is to be trusted, its id included.
    String id = ids.idFor(null);
    Reply reply = Reply.problem(problem(request.decoderResult().cause()), id);
    request.response().setStatusCode(reply.status()).putHeader(RequestIds.HEADER, id);
    reply.headers().forEach(request.response()::putHeader);
    request.response().putHeader("connection", "close");
    request.response().end(reply.body()).onComplete(sent -> request.connection().close());
  }

  private static Problem problem(Throwable cause) {
    if (cause instanceof TooLongHttpLineException) {
      return new Problem(414, "request_line_too_long", "the request line is too long");
    }
    return cause instanceof TooLongHttpHeaderException
        ? new Problem(431, "headers_too_long", "the headers are too long")
        : new Problem(400, "malformed_request", "this is not HTTP/1.1");
  }
}
