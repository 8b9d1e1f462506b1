package org.probity.node.runtime;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.probity.detector.node.Release;

/**
 * Who waits for which answer of the core. Every ticket is answered or fails, exactly once: nobody
 * is left to a time-out when the core has stopped. Thread-safe.
 */
final class Tickets {
  private final AtomicLong next = new AtomicLong();
  private final Map<Long, Waiting> waiting = new ConcurrentHashMap<>();
  private volatile @Nullable RuntimeException closed;

  private record Waiting(Consumer<Release> answer, Consumer<Throwable> failed) {}

  /**
   * A new ticket; one of the two is called, once.
   *
   * @param answer called on the core's loop
   * @param failed the core has stopped: whether anything came of the input is unknown
   */
  long issue(Consumer<Release> answer, Consumer<Throwable> failed) {
    long ticket = next.getAndIncrement();
    waiting.put(ticket, new Waiting(answer, failed));
    RuntimeException cause = closed;
    if (cause != null) {
      fail(ticket, cause);
    }
    return ticket;
  }

  /** Answers; a ticket nobody waits for any more is ignored. */
  void answer(Release release) {
    Waiting one = waiting.remove(release.ticket());
    if (one != null) {
      one.answer().accept(release);
    }
  }

  /**
   * No answer will come any more: all who wait are told, and all who come. The first cause stays.
   */
  void close(RuntimeException cause) {
    synchronized (this) {
      if (closed == null) {
        closed = cause;
      }
    }
    waiting.keySet().forEach(ticket -> fail(ticket, cause));
  }

  private void fail(long ticket, RuntimeException cause) {
    Waiting one = waiting.remove(ticket);
    if (one != null) {
      one.failed().accept(cause);
    }
  }

  int waiting() {
    return waiting.size();
  }
}
