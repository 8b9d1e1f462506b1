package org.probity.node.runtime;

import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads of a node, from their names to their end: what does not end in time is told and left
 * behind, so that the rest of a shutdown still happens.
 */
final class Endings {
  private static final Logger LOG = LoggerFactory.getLogger(Endings.class);

  /** That long for each part. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private Endings() {}

  /** Threads that do not keep the process alive. */
  static ThreadFactory named(String name) {
    AtomicInteger number = new AtomicInteger();
    return task -> {
      Thread thread = new Thread(task, name + "-" + number.getAndIncrement());
      thread.setDaemon(true);
      return thread;
    };
  }

  /** Stops event loops and everything that is open on them. */
  static void closeLoops(Vertx loops) {
    quietly("stop the event loops", loops.close().toCompletionStage().toCompletableFuture());
  }

  /** Lets what was begun come to its end, and what waits. */
  static void finish(ExecutorService executor) {
    executor.shutdown();
    try {
      if (!executor.awaitTermination(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warn("a worker did not finish in time");
        executor.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits for something that may fail. */
  static void quietly(String what, CompletableFuture<?> future) {
    quietly(what, future, PATIENCE);
  }

  /** The same, for so long. */
  static void quietly(String what, CompletableFuture<?> future, Duration patience) {
    try {
      future.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("could not {} in time", what);
    }
  }
}
