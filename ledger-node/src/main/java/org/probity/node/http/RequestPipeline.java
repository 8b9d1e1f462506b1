package org.probity.node.http;

import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.probity.node.access.KnownCaller;
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
  private final ByteBudget bodies;
  private final ByteBudget answers;

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
    this.bodies = new ByteBudget(limits.maxBodyBytesInFlight());
    this.answers = new ByteBudget(limits.maxAnswerBytesInFlight());
    metrics.gauge("probity.http.body.bytes", "Request bodies in memory", bodies::takenBytes);
    metrics.gauge("probity.http.answer.bytes", "Answers in memory", answers::takenBytes);
  }

  void handle(HttpServerRequest request) {
    Context context = vertx.getOrCreateContext();
    String id = ids.idFor(request.getHeader(RequestIds.HEADER));
    Call call = new Call(vertx, request, id, connections, metrics, limits.times());
    Future<Reply> reply;
    try {
      reply = answer(call);
    } catch (RuntimeException e) {
      reply = Future.failedFuture(e);
    }
    // The node may answer on a thread of its own; the response belongs to this event loop.
    reply.onComplete(
        done ->
            context.runOnContext(
                back -> {
                  if (done.cause() instanceof ShutOutException) {
                    call.shutOut();
                  }
                  call.respond(replyOf(done, id));
                }));
  }

  private Future<Reply> answer(Call call) {
    HttpServerRequest request = call.request();
    RouteTable.Match match =
        routes.find(request.method(), request.path()).orElseThrow(() -> noSuchRoute(request));
    call.matched(match.route());
    Gate.Admission admission = gate.admit(request, match.route().access());
    call.whenOver(admission.leave());
    Route route = match.route();
    ByteBudget.Lease answer = answers.new Lease();
    call.whenOver(answer::close);
    return withBody(
            request,
            route,
            body ->
                handle(
                    route,
                    new Exchange(
                        request,
                        match.parameters(),
                        admission.node(),
                        admission.caller().map(KnownCaller::name),
                        body,
                        answer)))
        .map(reply -> counted(reply, answer));
  }

  private Future<Reply> handle(Route route, Exchange exchange) {
    if (!route.blocking()) {
      return route.handler().apply(exchange);
    }
    return vertx
        .executeBlocking(() -> route.handler().apply(exchange), false)
        .compose(Function.identity());
  }

  /** A reader that is slow, or takes nothing at all, keeps the whole answer in memory. */
  private static Reply counted(Reply reply, ByteBudget.Lease answer) {
    if (!answer.resize(reply.body().length())) {
      throw new ProblemException(Problems.tooManyAnswers());
    }
    return reply;
  }

  private ProblemException noSuchRoute(HttpServerRequest request) {
    String allowed = routes.methodsAt(request.path());
    if (allowed.isEmpty()) {
      return new ProblemException(Problems.noRoute());
    }
    request.response().putHeader("allow", allowed);
    return new ProblemException(Problems.methodNotAllowed(allowed));
  }

  /**
   * Reads the body and works on it. Its bytes are given back when the work is done, which may be
   * after the client has been told that it took too long.
   */
  private Future<Reply> withBody(
      HttpServerRequest request, Route route, Function<Buffer, Future<Reply>> work) {
    if (!route.takesBody()) {
      if (BodyReader.announced(request)) {
        throw new ProblemException(Problems.bodyNotAllowed());
      }
      return inTime(work.apply(Buffer.buffer()));
    }
    if (!route.takes(MediaType.of(request))) {
      throw new ProblemException(Problems.unsupportedMediaType(route.mediaTypesInWords()));
    }
    long announced = BodyReader.announcedBytes(request);
    long reserved =
        announced > 0 ? Math.min(announced, route.maxBodyBytes()) : route.maxBodyBytes();
    if (!bodies.tryTake(reserved)) {
      throw new ProblemException(Problems.tooManyBodies());
    }
    AtomicBoolean working = new AtomicBoolean();
    return BodyReader.read(vertx, request, route.maxBodyBytes(), limits.times().body())
        .compose(
            body -> {
              Future<Reply> done = work.apply(body);
              working.set(true);
              done.onComplete(any -> bodies.giveBack(reserved));
              return inTime(done);
            })
        .onComplete(
            any -> {
              if (!working.get()) {
                bodies.giveBack(reserved);
              }
            });
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

  private Reply replyOf(AsyncResult<Reply> done, String id) {
    if (done.succeeded()) {
      return done.result();
    }
    if (done.cause() instanceof BodyReader.BrokenOff broken) {
      metrics.requestAbandoned();
      LOG.debug("request {} was broken off in mid-body", id, broken.getCause());
      return Reply.problem(Problems.bodyBrokenOff(), id);
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
