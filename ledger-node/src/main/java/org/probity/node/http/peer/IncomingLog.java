package org.probity.node.http.peer;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.node.http.wire.LengthPrefix;
import org.probity.node.http.wire.LogFrame;

/** One stream of a peer's log on the receiving side. State lives on the client's event loop. */
final class IncomingLog implements LogStream {
  private static final long HTTP2_CANCEL = 8;
  private static final int OK = 200;

  private final Vertx vertx;
  private final Context context;
  private final LogStreamReader reader;
  private final long silenceMillis;
  private final LengthPrefix framing = new LengthPrefix(LogFrame.MAX_BYTES);
  private @Nullable HttpClientRequest request;
  private @Nullable HttpClientResponse response;
  private boolean paused;
  private boolean heard = true;
  private boolean over;
  private final long silenceTimer;

  IncomingLog(Vertx vertx, Context context, PeerLimits limits, LogStreamReader reader) {
    this.vertx = vertx;
    this.context = context;
    this.reader = reader;
    this.silenceMillis = limits.silence().toMillis();
    this.silenceTimer =
        vertx.setPeriodic(
            Math.max(1, silenceMillis / 2), id -> context.runOnContext(turn -> checkSilence()));
  }

  void belongsTo(HttpClientRequest opened) {
    request = opened;
    if (over) {
      opened.reset(HTTP2_CANCEL);
    }
  }

  void opened(HttpClientResponse answer) {
    if (over) {
      answer.request().reset(HTTP2_CANCEL);
      return;
    }
    response = answer;
    answer.exceptionHandler(broken -> end(PeerConnector.failure("stream", broken)));
    if (answer.statusCode() != OK) {
      refused(answer);
      return;
    }
    answer.handler(this::arrived);
    answer.endHandler(
        end -> end(PeerFailure.of(PeerFailure.Kind.ENDED, "ended", "the peer ended the stream")));
    if (paused) {
      answer.pause();
    }
  }

  private void refused(HttpClientResponse answer) {
    BoundedBody.read(answer, LogFrame.MAX_BYTES)
        .onComplete(
            whole -> end(PeerAnswers.failure("the peer", whole)),
            broken -> end(PeerConnector.failure("stream", broken)));
  }

  private void arrived(Buffer chunk) {
    heard = true;
    try {
      for (Bytes frame : framing.accept(chunk)) {
        if (over) {
          return;
        }
        if (!frame.isEmpty()) {
          reader.frame(LogFrame.decode(frame));
        }
      }
    } catch (DecodeException e) {
      end(
          PeerFailure.of(
              PeerFailure.Kind.NONSENSE, e.code(), "the peer's stream: " + e.getMessage()));
    }
  }

  private void checkSilence() {
    if (over || paused) {
      return;
    }
    if (!heard) {
      end(
          PeerFailure.of(
              PeerFailure.Kind.TIMED_OUT,
              "stream_silent",
              "not even a heart-beat for " + silenceMillis / 2 + " ms"));
      return;
    }
    heard = false;
  }

  /** Ends it and tells the reader; the first call counts. */
  void end(PeerFailure reason) {
    if (stop()) {
      reader.ended(reason);
    }
  }

  private boolean stop() {
    if (over) {
      return false;
    }
    over = true;
    vertx.cancelTimer(silenceTimer);
    if (request != null) {
      request.reset(HTTP2_CANCEL);
    }
    return true;
  }

  @Override
  public void pause() {
    context.runOnContext(
        turn -> {
          paused = true;
          if (response != null && !over) {
            response.pause();
          }
        });
  }

  @Override
  public void resume() {
    context.runOnContext(
        turn -> {
          paused = false;
          heard = true;
          if (response != null && !over) {
            response.resume();
          }
        });
  }

  @Override
  public void close() {
    context.runOnContext(turn -> stop());
  }
}
