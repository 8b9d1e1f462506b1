package org.probity.node.http.peer;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;

/** Reads whole answers of peers that might never stop. */
final class BoundedBody {
  private BoundedBody() {}

  /** The answer; a longer one than {@code maxBytes} fails as nonsense. Call on its event loop. */
  static Future<PeerAnswers.Answer> read(HttpClientResponse response, int maxBytes) {
    Promise<PeerAnswers.Answer> promise = Promise.promise();
    Buffer body = Buffer.buffer();
    response.handler(
        chunk -> {
          if (body.length() + chunk.length() > maxBytes) {
            promise.tryFail(
                PeerFailure.of(
                    PeerFailure.Kind.NONSENSE,
                    "answer_too_long",
                    "an answer of more than " + maxBytes + " bytes"));
          } else {
            body.appendBuffer(chunk);
          }
        });
    response.exceptionHandler(promise::tryFail);
    response.endHandler(end -> promise.tryComplete(PeerAnswers.Answer.of(response, body)));
    return promise.future();
  }
}
