package org.probity.node.runtime;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What has been started on the way to a running node: threads, loops, connections. A start that
 * fails half way stops them again, the last one first. Single owner.
 */
final class Started {
  private static final Logger LOG = LoggerFactory.getLogger(Started.class);

  private final Deque<Runnable> stops = new ArrayDeque<>();

  <T> T add(T part, Consumer<? super T> stop) {
    stops.push(() -> stop.accept(part));
    return part;
  }

  void stopAll() {
    while (!stops.isEmpty()) {
      try {
        stops.pop().run();
      } catch (RuntimeException e) {
        LOG.warn("could not stop what a failed start has left", e);
      }
    }
  }
}
