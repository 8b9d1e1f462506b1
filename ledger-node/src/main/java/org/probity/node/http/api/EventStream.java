package org.probity.node.http.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.EOFException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.DecodeException;
import org.probity.node.http.wire.StrictJson;

/**
 * A node's events as they come (server-sent events, one per log entry), until the listener has seen
 * enough, the stream ends or it is closed. Not opened again by itself: the last event's index is
 * where to go on.
 */
public final class EventStream implements AutoCloseable {
  /** Of one event: an entry has at most 64 KiB, and its words are not much longer. */
  static final int MAX_LINE_BYTES = 1024 * 1024;

  private static final String DATA = "data: ";

  private final Predicate<JsonNode> listener;
  private final CompletableFuture<Boolean> end = new CompletableFuture<>();
  private volatile Flow.@Nullable Subscription subscription;

  /**
   * @param listener called with each event's data, one after the other; true ends the stream
   */
  EventStream(Predicate<JsonNode> listener) {
    this.listener = listener;
  }

  /**
   * Waits until the listener has seen enough.
   *
   * @return false if the patience was over before
   * @throws ApiException if the stream ended or failed before
   */
  public boolean await(Duration patience) throws ApiException {
    try {
      if (end.get(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        return true;
      }
      throw ApiException.noAnswer(
          "stream_ended", "the node has ended its events", new EOFException());
    } catch (TimeoutException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ApiException.noAnswer("interrupted", "interrupted while waiting for events", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ApiException known) {
        throw known;
      }
      throw ApiException.noAnswer("stream_failed", "the events broke off: " + e.getCause(), e);
    } finally {
      if (end.isDone()) {
        close();
      }
    }
  }

  /** Whether more may come. */
  public boolean isOpen() {
    return !end.isDone();
  }

  void fail(Throwable failure) {
    end.completeExceptionally(failure);
  }

  void opened(Flow.Subscription given) {
    subscription = given;
  }

  /** Takes the stream's next line, without its end. */
  void line(String line) {
    if (end.isDone() || !line.startsWith(DATA)) {
      return;
    }
    try {
      byte[] json = line.substring(DATA.length()).getBytes(StandardCharsets.UTF_8);
      if (listener.test(StrictJson.parse(json))) {
        end.complete(true);
        close();
      }
    } catch (DecodeException | RuntimeException e) {
      end.completeExceptionally(e);
      close();
    }
  }

  /** The node has ended the stream. */
  void ended() {
    end.complete(false);
  }

  /** Ends the stream; idempotent. */
  @Override
  public void close() {
    Flow.Subscription open = subscription;
    if (open != null) {
      open.cancel();
    }
  }
}
