package org.probity.node.http;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds the bytes that all requests of a listener have in memory, as bodies or as answers.
 * Thread-safe.
 */
final class ByteBudget {
  private final long maxBytes;
  private final AtomicLong taken = new AtomicLong();

  ByteBudget(long maxBytes) {
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

  /** What one request has taken; it is closed once, whoever still works for that request. */
  final class Lease {
    private long bytes;
    private boolean closed;

    /** Takes more; false if there is not so much, or the request is over. */
    synchronized boolean tryTake(long more) {
      if (closed || !ByteBudget.this.tryTake(more)) {
        return false;
      }
      bytes += more;
      return true;
    }

    /** Ends up with exactly {@code size}; false, and nothing changes, if that is too much. */
    synchronized boolean resize(long size) {
      if (size > bytes) {
        return tryTake(size - bytes);
      }
      giveBack(bytes - size);
      bytes = size;
      return true;
    }

    synchronized void close() {
      closed = true;
      giveBack(bytes);
      bytes = 0;
    }
  }
}
