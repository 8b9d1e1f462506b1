package org.probity.node.http;

import java.util.concurrent.atomic.AtomicLong;

/** Bounds the bytes of request bodies in memory over all connections of a listener. Thread-safe. */
final class BodyBudget {
  private final long maxBytes;
  private final AtomicLong taken = new AtomicLong();

  BodyBudget(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  /** Takes {@code bytes} out of the budget, or nothing. */
  boolean tryTake(long bytes) {
    long now = taken.addAndGet(bytes);
    if (now > maxBytes) {
      taken.addAndGet(-bytes);
      return false;
    }
    return true;
  }

  void giveBack(long bytes) {
    taken.addAndGet(-bytes);
  }

  long takenBytes() {
    return taken.get();
  }
}
