package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;
import org.probity.node.http.ProblemException;

class AnswersTest {
  private final Deque<Runnable> tasks = new ArrayDeque<>();

  @Test
  void areGivenByAWorker() {
    Future<String> answer = Answers.by(tasks::add, promise -> promise.complete("yes"));
    assertFalse(answer.isComplete());
    tasks.remove().run();
    assertEquals("yes", answer.result());
  }

  @Test
  void sayThatTheWorkHasFailed() {
    IllegalStateException failure = new IllegalStateException("a bug");
    Future<String> answer =
        Answers.by(
            tasks::add,
            promise -> {
              throw failure;
            });
    tasks.remove().run();
    assertSame(failure, answer.cause());

    answer =
        Answers.by(
            tasks::add,
            (Promise<String> promise) -> {
              promise.complete("yes");
              throw failure;
            });
    tasks.remove().run();
    assertEquals("yes", answer.result());
  }

  /** Also what ends the worker: nobody waits for it. */
  @Test
  void sayThatTheWorkHasFailedForGood() {
    AssertionError failure = new AssertionError("a bug");
    Future<String> answer =
        Answers.by(
            tasks::add,
            promise -> {
              throw failure;
            });
    assertSame(failure, assertThrows(AssertionError.class, () -> tasks.remove().run()));
    assertSame(failure, answer.cause());
  }

  @Test
  void sayThatThereAreNoWorkersAnyMore() {
    Future<String> answer =
        Answers.by(
            task -> {
              throw new RejectedExecutionException("shut down");
            },
            promise -> promise.complete("yes"));
    ProblemException problem = (ProblemException) answer.cause();
    assertEquals("not_ready", problem.problem().code());
  }
}
