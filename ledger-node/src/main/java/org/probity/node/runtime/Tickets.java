package org.probity.node.runtime;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.probity.detector.node.Release;

/** Who waits for which answer of the core. Thread-safe. */
final class Tickets {
  private final AtomicLong next = new AtomicLong();
  private final Map<Long, Consumer<Release>> waiting = new ConcurrentHashMap<>();

  /** A new ticket; {@code answer} is called at most once, on the core's loop. */
  long issue(Consumer<Release> answer) {
    long ticket = next.getAndIncrement();
    waiting.put(ticket, answer);
    return ticket;
  }

  /** Answers; a ticket nobody waits for any more is ignored. */
  void answer(Release release) {
    Consumer<Release> answer = waiting.remove(release.ticket());
    if (answer != null) {
      answer.accept(release);
    }
  }

  int waiting() {
    return waiting.size();
  }
}
