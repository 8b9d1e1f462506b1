package org.probity.benchmarks.load;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests with a fixed number outstanding and waits for every answer.
 *
 * <p>A request that the node has no room for is sent again after the time it asks for; nothing is
 * dropped. Runs on one Vert.x context; reusable, one run at a time.
 */
public final class LoadGenerator {
  private final Vertx vertx;
  private final LoadTarget target;
  private final int outstanding;

  /**
   * @param outstanding requests under way at once: the number of clients
   */
  public LoadGenerator(Vertx vertx, LoadTarget target, int outstanding) {
    if (outstanding < 1) {
      throw new IllegalArgumentException("at least 1 client, not " + outstanding);
    }
    this.vertx = vertx;
    this.target = target;
    this.outstanding = outstanding;
  }

  /**
   * Sends {@code loads} until there are no more or {@code limit} is over; completes when the last
   * one sent is answered, fails with the first that failed.
   */
  public Future<LoadReport> run(Iterator<Load> loads, Duration limit) {
    Promise<LoadReport> promise = Promise.promise();
    vertx.runOnContext(ignored -> new Run(loads, limit, promise).begin());
    return promise.future();
  }

  /** State of one run; on one context. */
  private final class Run {
    private final Iterator<Load> loads;
    private final long startNanos = System.nanoTime();
    private final long limitNanos;
    private final Promise<LoadReport> promise;
    private final Latencies latencies = new Latencies();

    private int open;
    private long statements;
    private long transfers;
    private long throttled;
    private long lastAnswerNanos = startNanos;
    private @Nullable Throwable failure;

    Run(Iterator<Load> loads, Duration limit, Promise<LoadReport> promise) {
      this.loads = loads;
      this.limitNanos = limit.toNanos();
      this.promise = promise;
    }

    void begin() {
      open = outstanding;
      for (int i = 0; i < outstanding; i++) {
        next();
      }
    }

    /** One client's next request, or its end. */
    private void next() {
      if (failure == null && System.nanoTime() - startNanos < limitNanos && loads.hasNext()) {
        send(loads.next(), System.nanoTime());
      } else {
        open--;
        if (open == 0) {
          finish();
        }
      }
    }

    private void send(Load load, long sentNanos) {
      target
          .send(load)
          .onComplete(
              answer -> {
                if (answer.failed()) {
                  failure = failure == null ? answer.cause() : failure;
                  next();
                } else if (answer.result().retryAfterMillis().isPresent()) {
                  throttled++;
                  long wait = Math.max(1, answer.result().retryAfterMillis().getAsLong());
                  vertx.setTimer(wait, timer -> send(load, sentNanos));
                } else {
                  answered(load, sentNanos);
                  next();
                }
              });
    }

    private void answered(Load load, long sentNanos) {
      lastAnswerNanos = System.nanoTime();
      latencies.add(lastAnswerNanos - sentNanos);
      statements += load.statements();
      transfers += load.transfers();
    }

    private void finish() {
      if (failure != null) {
        promise.fail(failure);
        return;
      }
      promise.complete(
          new LoadReport(
              statements, transfers, lastAnswerNanos - startNanos, throttled, latencies));
    }
  }
}
