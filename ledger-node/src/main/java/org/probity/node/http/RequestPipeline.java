package org.probity.node.http;

import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import org.probity.node.store.StoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The way of every request of one listener: route, gate, body, handler, answer. */
final class RequestPipeline {
  private static final Logger LOG = LoggerFactory.getLogger(RequestPipeline.class);

  private final Vertx vertx;
  private final RouteTable routes;
  private final Gate gate;
  private final HttpLimits limits;
  private final RequestIds ids;
  private final HttpMetrics metrics;
  private final ConnectionTable connections;
  private final BodyBudget budget;

  RequestPipeline(
      Vertx vertx,
      RouteTable routes,
      Gate gate,
      HttpLimits limits,
      RequestIds ids,
      HttpMetrics metrics,
      ConnectionTable connections) {
    this.vertx = vertx;
    this.routes = routes;
    this.gate = gate;
    this.limits = limits;
    this.ids = ids;
    this.metrics = metrics;
    this.connections = connections;
    this.budget = new BodyBudget(limits.maxBodyBytesInFlight());
    metrics.gauge("probity.http.body.bytes", "Request bodies in memory", budget::takenBytes);
  }

  void handle(HttpServerRequest request) {
    Context context = vertx.getOrCreateContext();
    String id = ids.idFor(request.getHeader(RequestIds.HEADER));
    Call call = new Call(request, id, connections, metrics);
    Future<Reply> reply;
    try {
      reply = answer(call);
    } catch (RuntimeException e) {
      reply = Future.failedFuture(e);
    }
    // The node may answer on a thread of its own; the response belongs to this event loop.
    reply.onComplete(done -> context.runOnContext(back -> call.respond(replyOf(done, id))));
  }

  private Future<Reply> answer(Call call) {
    HttpServerRequest request = call.request();
    RouteTable.Match match =
        routes.find(request.method(), request.path()).orElseThrow(() -> noSuchRoute(request));
    call.matched(match.route());
    Gate.Admission admission = gate.admit(request);
    call.whenOver(admission.leave());
    return body(call, match.route())
        .compose(
            body -> {
              Exchange exchange =
                  new Exchange(request, match.parameters(), admission.caller(), body);
              return inTime(match.route().handler().apply(exchange));
            });
  }

  private ProblemException noSuchRoute(HttpServerRequest request) {
    String allowed = routes.methodsAt(request.path());
    if (allowed.isEmpty()) {
      return new ProblemException(Problems.noRoute());
    }
    request.response().putHeader("allow", allowed);
    return new ProblemException(Problems.methodNotAllowed(allowed));
  }

  private Future<Buffer> body(Call call, Route route) {
    HttpServerRequest request = call.request();
    if (!route.takesBody()) {
      if (BodyReader.announced(request)) {
        throw new ProblemException(Problems.bodyNotAllowed());
      }
      return Future.succeededFuture(Buffer.buffer());
    }
    if (!route.mediaTypes().contains(MediaType.of(request))) {
      throw new ProblemException(Problems.unsupportedMediaType(route.mediaTypesInWords()));
    }
    long announced = BodyReader.announcedBytes(request);
    long reserved =
        announced > 0 ? Math.min(announced, route.maxBodyBytes()) : route.maxBodyBytes();
    if (!budget.tryTake(reserved)) {
      throw new ProblemException(Problems.tooManyBodies());
    }
    call.whenOver(() -> budget.giveBack(reserved));
    return BodyReader.read(vertx, request, route.maxBodyBytes(), limits.times().body());
  }

  private Future<Reply> inTime(Future<Reply> reply) {
    if (reply.isComplete()) {
      return reply;
    }
    Promise<Reply> promise = Promise.promise();
    long timer =
        vertx.setTimer(
            limits.times().answer().toMillis(),
            id -> promise.tryFail(new ProblemException(Problems.timedOut())));
    reply.onComplete(
        done -> {
          vertx.cancelTimer(timer);
          if (done.succeeded()) {
            promise.tryComplete(done.result());
          } else {
            promise.tryFail(done.cause());
          }
        });
    return promise.future();
  }

  private static Reply replyOf(AsyncResult<Reply> done, String id) {
    if (done.succeeded()) {
      return done.result();
    }
    if (done.cause() instanceof ProblemException refused) {
      return Reply.problem(refused.problem(), id);
    }
    LOG.error("request {} failed", id, done.cause());
    boolean corrupt =
        done.cause() instanceof StoreException known && known.code() == StoreException.Code.CORRUPT;
    return Reply.problem(corrupt ? Problems.storeCorrupt() : Problems.internal(), id);
  }
}
