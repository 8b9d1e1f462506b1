package org.probity.node.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class CommitThreadTest {
  private final List<String> told = Collections.synchronizedList(new ArrayList<>());

  private CommitThread.Completion<String> tell(String name) {
    return (result, failure) -> told.add(name + ": " + (failure == null ? result : failure));
  }

  @Test
  void commitsRunInOrderOnOneThread() {
    try (CommitThread thread = CommitThread.start("commit", 100)) {
      for (int number = 0; number < 50; number++) {
        String name = "commit " + number;
        assertTrue(thread.submit(() -> Thread.currentThread().getName(), tell(name)));
      }
    }
    assertEquals(50, told.size());
    for (int number = 0; number < 50; number++) {
      assertEquals("commit " + number + ": commit", told.get(number));
    }
  }

  @Test
  void aFullQueueRefuses() throws InterruptedException {
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    try (CommitThread thread = CommitThread.start("commit", 2)) {
      thread.submit(
          () -> {
            started.countDown();
            release.await();
            return "slow";
          },
          tell("1"));
      started.await();
      assertTrue(thread.submit(() -> "quick", tell("2")));
      assertTrue(thread.submit(() -> "quick", tell("3")));
      assertEquals(2, thread.depth());
      assertFalse(thread.submit(() -> "one too many", tell("4")));
      release.countDown();
    }
    assertEquals(List.of("1: slow", "2: quick", "3: quick"), told);
  }

  @Test
  void afterAFailureNothingMoreIsTried() {
    AtomicInteger tried = new AtomicInteger();
    IOException broken = new IOException("broken");
    List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
    try (CommitThread thread = CommitThread.start("commit", 10)) {
      thread.submit(
          () -> {
            throw broken;
          },
          (result, failure) -> failures.add(failure));
      for (int i = 0; i < 3; i++) {
        thread.submit(tried::incrementAndGet, (result, failure) -> failures.add(failure));
      }
    }
    assertEquals(0, tried.get());
    assertEquals(4, failures.size());
    failures.forEach(failure -> assertSame(broken, failure));
  }

  @Test
  void closingFinishesTheQueueAndRefusesMore() throws InterruptedException {
    CommitThread thread = CommitThread.start("commit", 10);
    Thread closer = new Thread(thread::close, "closer");
    thread.submit(
        () -> {
          // Until the closer waits for this thread, with all the others in the queue.
          while (closer.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
          }
          return "done";
        },
        tell("x"));
    for (int i = 0; i < 9; i++) {
      assertTrue(thread.submit(() -> "done", tell("x")));
    }
    closer.start();
    closer.join();
    assertEquals(10, told.size());
    assertThrows(IllegalStateException.class, () -> thread.submit(() -> "late", tell("late")));
    thread.close();
  }
}
