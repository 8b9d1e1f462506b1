package org.probity.node.runtime;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/** An executor that knows how many of its tasks have not begun yet. Thread-safe. */
final class CountedExecutor implements Executor {
  private final Executor inner;
  private final AtomicInteger waiting = new AtomicInteger();

  CountedExecutor(Executor inner) {
    this.inner = inner;
  }

  @Override
  public void execute(Runnable task) {
    waiting.incrementAndGet();
    boolean taken = false;
    try {
      inner.execute(
          () -> {
            waiting.decrementAndGet();
            task.run();
          });
      taken = true;
    } finally {
      if (!taken) {
        waiting.decrementAndGet();
      }
    }
  }

  int waiting() {
    return waiting.get();
  }
}
