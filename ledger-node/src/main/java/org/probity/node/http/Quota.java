package org.probity.node.http;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Bounds how much of something each caller has at once. Thread-safe; forgets who has nothing. */
final class Quota {
  private final int max;
  private final Map<String, Integer> taken = new ConcurrentHashMap<>();

  Quota(int max) {
    this.max = max;
  }

  /** Takes one for a caller; false if it has {@code max} already. */
  boolean tryEnter(String caller) {
    return tryEnter(caller, max);
  }

  /** The same for a caller who has another maximum. */
  boolean tryEnter(String caller, int max) {
    if (taken.merge(caller, 1, Integer::sum) > max) {
      leave(caller);
      return false;
    }
    return true;
  }

  void leave(String caller) {
    taken.computeIfPresent(caller, (key, count) -> count == 1 ? null : count - 1);
  }
}
