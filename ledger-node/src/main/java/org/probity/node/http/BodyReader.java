package org.probity.node.http;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;

/**
 * Reads a whole body within a number of bytes and a time. It fails with a {@link ProblemException}
 * as soon as the body cannot come out right any more, and with {@link BrokenOff} when nobody sends
 * the rest.
 */
final class BodyReader {
  private BodyReader() {}

  /** The client hung up, reset the request or lost its connection before the body was complete. */
  static final class BrokenOff extends Exception {
    private static final long serialVersionUID = 1L;

    BrokenOff(Throwable cause) {
      super(cause);
    }
  }

  /** Must be called before the request's first event-loop turn ends. */
  static Future<Buffer> read(
      Vertx vertx, HttpServerRequest request, int maxBytes, Duration within) {
    Promise<Buffer> promise = Promise.promise();
    if (announcedBytes(request) > maxBytes) {
      return Future.failedFuture(new ProblemException(Problems.bodyTooLarge(maxBytes)));
    }
    Buffer body = Buffer.buffer();
    long timer =
        vertx.setTimer(
            within.toMillis(),
            id ->
                promise.tryFail(
                    new ProblemException(Problems.bodyTimeout(Math.max(1, within.toSeconds())))));
    request.handler(
        chunk -> {
          if (promise.future().isComplete()) {
            return;
          }
          if (body.length() + chunk.length() > maxBytes) {
            promise.tryFail(new ProblemException(Problems.bodyTooLarge(maxBytes)));
          } else {
            body.appendBuffer(chunk);
          }
        });
    // Whatever it says, the client is gone or its connection is: nobody's fault here.
    request.exceptionHandler(broken -> promise.tryFail(new BrokenOff(broken)));
    request.endHandler(end -> promise.tryComplete(body));
    return promise.future().onComplete(done -> vertx.cancelTimer(timer));
  }

  /** What Content-Length says; 0 when it says nothing. */
  static long announcedBytes(HttpServerRequest request) {
    String header = request.getHeader("content-length");
    try {
      return header == null ? 0 : Long.parseLong(header);
    } catch (NumberFormatException e) {
      return Long.MAX_VALUE;
    }
  }

  /** Whether a body is coming, as far as the headers tell. */
  static boolean announced(HttpServerRequest request) {
    return announcedBytes(request) > 0 || request.getHeader("transfer-encoding") != null;
  }
}
