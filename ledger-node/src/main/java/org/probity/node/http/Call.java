package org.probity.node.http;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One request from its headers to the end of its answer; event loop only. */
final class Call {
  private static final long HTTP2_NO_ERROR = 0;

  /** A reader that takes less is cut off: it would hold its answer in memory for ever. */
  private static final long MIN_TAKEN_BYTES_PER_SECOND = 64 * 1024;

  private final Vertx vertx;
  private final HttpServerRequest request;
  private final String id;
  private final ConnectionTable connections;
  private final HttpMetrics metrics;
  private final long beganNanos = System.nanoTime();
  private final List<Runnable> whenOver = new ArrayList<>();
  private String routeName = HttpMetrics.NO_ROUTE;
  private final HttpLimits.Times times;
  private boolean shutOut;
  private boolean answering;
  private boolean over;

  Call(
      Vertx vertx,
      HttpServerRequest request,
      String id,
      ConnectionTable connections,
      HttpMetrics metrics,
      HttpLimits.Times times) {
    this.vertx = vertx;
    this.times = times;
    this.request = request;
    this.id = id;
    this.connections = connections;
    this.metrics = metrics;
    connections.requestBegins(request.connection());
    HttpServerResponse response = request.response();
    response.endHandler(
        end -> {
          // Ended is not taken: a whole answer is over when its last byte has left.
          if (!answering) {
            over();
          }
        });
    response.closeHandler(close -> over());
    response.exceptionHandler(broken -> over());
  }

  HttpServerRequest request() {
    return request;
  }

  void matched(Route route) {
    routeName = route.method() + " " + route.path();
  }

  /** Runs {@code action} once, when the answer is complete or cannot be completed any more. */
  void whenOver(Runnable action) {
    if (over) {
      action.run();
    } else {
      whenOver.add(action);
    }
  }

  /** The connection ends with the answer. */
  void shutOut() {
    shutOut = true;
  }

  void respond(Reply reply) {
    HttpServerResponse response = request.response();
    if (response.ended() || response.closed()) {
      over();
      return;
    }
    response
        .setStatusCode(reply.status())
        .putHeader(RequestIds.HEADER, id)
        .putHeader("x-content-type-options", "nosniff");
    reply.headers().forEach(response::putHeader);
    boolean abandoned = BodyReader.announced(request) && !request.isEnded();
    boolean http2 = request.version() == HttpVersion.HTTP_2;
    if (abandoned && !http2) {
      response.putHeader("connection", "close");
    }
    boolean bodiless = request.method().equals(HttpMethod.HEAD);
    if (bodiless && reply.stream().isEmpty()) {
      response.putHeader("content-length", Integer.toString(reply.body().length()));
    }
    if (!bodiless && reply.stream().isPresent()) {
      whenOver(reply.stream().get().writeTo(response));
      return;
    }
    answering = true;
    Future<Void> sent = bodiless ? response.end() : response.end(reply.body());
    cutOffUnlessTaken(sent, reply.body().length());
    sent.onComplete(
        done -> {
          over();
          if (shutOut || (abandoned && !http2)) {
            // Who is not let in has no business on this connection; and on HTTP/1.1 the rest of
            // a body nobody reads stands before the next request.
            request.connection().close();
          } else if (abandoned) {
            response.reset(HTTP2_NO_ERROR);
          }
        });
  }

  private void cutOffUnlessTaken(Future<Void> sent, int bytes) {
    if (sent.isComplete()) {
      return;
    }
    long millis =
        times.answer().toMillis() + TimeUnit.SECONDS.toMillis(bytes / MIN_TAKEN_BYTES_PER_SECOND);
    long timer = vertx.setTimer(millis, late -> cutOff());
    sent.onComplete(done -> vertx.cancelTimer(timer));
  }

  /** An answer that is written to its end cannot be reset any more: then its connection goes. */
  private void cutOff() {
    request.response().reset().onFailure(ended -> request.connection().close());
  }

  private void over() {
    if (over) {
      return;
    }
    over = true;
    long nowNanos = System.nanoTime();
    connections.requestEnds(request.connection(), nowNanos);
    metrics.request(
        routeName, request.response().getStatusCode(), Duration.ofNanos(nowNanos - beganNanos));
    whenOver.forEach(Runnable::run);
  }
}
