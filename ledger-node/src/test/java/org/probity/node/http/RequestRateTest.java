package org.probity.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RequestRateTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final RequestRate rate = new RequestRate(2);

  private int begun(String caller, int perSecond, int asked, long nowNanos) {
    int begun = 0;
    for (int i = 0; i < asked; i++) {
      begun += rate.tryBegin(caller, perSecond, nowNanos).isEmpty() ? 1 : 0;
    }
    return begun;
  }

  @Test
  void letsASecondsWorthBeginAtOnceAndThenAnEvenPace() {
    // System.nanoTime() may be anything, and go past the largest number.
    for (long start : new long[] {0, -5, Long.MAX_VALUE - SECOND / 2}) {
      RequestRate fresh = new RequestRate(2);
      int first = 0;
      for (int i = 0; i < 100; i++) {
        first += fresh.tryBegin("a", 10, start).isEmpty() ? 1 : 0;
      }
      assertEquals(10, first);
      assertEquals(OptionalInt.of(1), fresh.tryBegin("a", 10, start + SECOND / 10 - 1));
      assertEquals(OptionalInt.empty(), fresh.tryBegin("a", 10, start + SECOND / 10));
      assertEquals(OptionalInt.of(1), fresh.tryBegin("a", 10, start + SECOND / 10));
    }
    assertEquals(1, begun("slow", 1, 5, 0));
    assertEquals(1, begun("slow", 1, 5, SECOND));
    assertEquals(1_000_000, begun("fast", 1_000_000, 1_000_001, 0));
  }

  @Test
  void takesNothingOfOneForAnother() {
    assertEquals(3, begun("a", 3, 9, 0));
    assertEquals(3, begun("b", 3, 9, 0));
  }

  @Test
  void forgetsWhoseSecondHasPassed() {
    for (int i = 0; i < 1000; i++) {
      assertEquals(1, begun("caller-" + i, 1, 2, 2L * i * SECOND));
      assertTrue(rate.size() <= 3, "remembered " + rate.size());
    }
  }
}
