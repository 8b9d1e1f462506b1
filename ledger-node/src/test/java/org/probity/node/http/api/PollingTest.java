package org.probity.node.http.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PollingTest {
  @Test
  void asksOnceIfTheAnswerIsYes() throws InterruptedException {
    AtomicInteger asked = new AtomicInteger();
    assertTrue(Polling.REMOTE.await(Duration.ZERO, () -> asked.incrementAndGet() > 0));
    assertEquals(1, asked.get());
  }

  @Test
  void asksOnceMoreWhenThePatienceIsOver() throws InterruptedException {
    AtomicInteger asked = new AtomicInteger();
    assertFalse(Polling.REMOTE.await(Duration.ofMillis(1), () -> asked.incrementAndGet() > 2));
    assertEquals(2, asked.get());
    assertTrue(Polling.REMOTE.await(Duration.ofMillis(1), () -> asked.incrementAndGet() > 3));
  }

  @Test
  void pausesDoubleUpToALimit() {
    Duration pause = Duration.ofMillis(50);
    long[] expected = {100, 200, 400, 800, 800};
    for (long millis : expected) {
      pause = Polling.REMOTE.after(pause);
      assertEquals(millis, pause.toMillis());
    }
  }
}
