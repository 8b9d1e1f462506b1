package org.probity.node.http.peer;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.log.AddCheckpointResponse;
import org.probity.node.http.PeerReply;

/** One request to a peer and its whole answer, within a time and a number of bytes. */
final class PeerExchange {
  private static final long HTTP2_CANCEL = 8;

  private final Vertx vertx;
  private final PeerConnector connector;
  private final PeerLimits limits;
  private @Nullable HttpClientRequest request;

  PeerExchange(Vertx vertx, PeerConnector connector, PeerLimits limits) {
    this.vertx = vertx;
    this.connector = connector;
    this.limits = limits;
  }

  Future<PeerReply> post(HttpClientAgent agent, String to, String path, Bytes body) {
    return send(agent, to, path, body)
        .compose(answer -> result(() -> PeerAnswers.reply(to, answer)));
  }

  Future<AddCheckpointResponse> addCheckpoint(HttpClientAgent agent, String to, Bytes body) {
    return send(agent, to, "/witness/add-checkpoint", body)
        .compose(answer -> result(() -> PeerAnswers.witness(to, answer)));
  }

  private Future<PeerAnswers.Answer> send(
      HttpClientAgent agent, String to, String path, Bytes body) {
    return exchange(
        agent,
        to,
        HttpMethod.POST,
        path,
        opened ->
            opened
                .putHeader("content-type", "application/octet-stream")
                .send(Buffer.buffer(body.unsafeArray())));
  }

  Future<Bytes> get(HttpClientAgent agent, String from, String path) {
    return exchange(agent, from, HttpMethod.GET, path, HttpClientRequest::send)
        .compose(answer -> result(() -> PeerAnswers.content(from, answer)));
  }

  private Future<PeerAnswers.Answer> exchange(
      HttpClientAgent agent,
      String node,
      HttpMethod method,
      String path,
      Function<HttpClientRequest, Future<HttpClientResponse>> send) {
    Promise<PeerAnswers.Answer> promise = Promise.promise();
    long timer = vertx.setTimer(limits.answer().toMillis(), id -> promise.tryFail(timedOut(node)));
    connector
        .open(agent, node, method, path)
        .compose(
            opened -> {
              request = opened;
              if (promise.future().isComplete()) {
                return Future.failedFuture(timedOut(node));
              }
              // Nested, so that it is registered in the turn that sends: a caller on another thread
              // may be too late for the first bytes of an answer, and they would be lost.
              return send.apply(opened)
                  .compose(response -> BoundedBody.read(response, limits.maxAnswerBytes()));
            })
        .onComplete(
            promise::tryComplete, failure -> promise.tryFail(PeerConnector.failure(node, failure)));
    return promise
        .future()
        .onComplete(
            done -> {
              vertx.cancelTimer(timer);
              if (done.failed() && request != null) {
                // Whatever still comes is nobody's business.
                request.reset(HTTP2_CANCEL);
              }
            });
  }

  private static PeerFailure timedOut(String node) {
    return PeerFailure.of(
        PeerFailure.Kind.TIMED_OUT, "timed_out", "no whole answer of " + node + " in time");
  }

  /** Judges an answer. */
  private interface Judgement<T> {
    T judge() throws PeerFailure;
  }

  private static <T> Future<T> result(Judgement<T> judgement) {
    try {
      return Future.succeededFuture(judgement.judge());
    } catch (PeerFailure e) {
      return Future.failedFuture(e);
    }
  }
}
