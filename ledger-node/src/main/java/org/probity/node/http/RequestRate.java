package org.probity.node.http;

import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Bounds how many requests each caller begins per second: the generic cell rate algorithm (ITU-T
 * I.371). One number per caller, the time at which all that it has begun would have been due at an
 * even pace; it may be a second ahead. Thread-safe; forgets whose time has passed.
 */
final class RequestRate {
  private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final int remembered;
  private final Map<String, Long> dueNanos = new ConcurrentHashMap<>();

  /**
   * @param remembered callers, beyond which those are forgotten that have a whole second again
   */
  RequestRate(int remembered) {
    this.remembered = remembered;
  }

  /**
   * Counts a request.
   *
   * @return empty if the caller may begin it, else seconds to wait
   */
  OptionalInt tryBegin(String caller, int perSecond, long nowNanos) {
    if (dueNanos.size() > remembered) {
      dueNanos.values().removeIf(due -> due - nowNanos <= 0);
    }
    long spacingNanos = SECOND_NANOS / perSecond;
    long[] early = new long[1];
    dueNanos.compute(
        caller,
        (name, due) -> {
          long from = due == null || due - nowNanos < 0 ? nowNanos : due;
          early[0] = from + spacingNanos - nowNanos - SECOND_NANOS;
          return early[0] > 0 ? due : Long.valueOf(from + spacingNanos);
        });
    return early[0] > 0
        ? OptionalInt.of(Math.toIntExact(1 + early[0] / SECOND_NANOS))
        : OptionalInt.empty();
  }

  int size() {
    return dueNanos.size();
  }
}
