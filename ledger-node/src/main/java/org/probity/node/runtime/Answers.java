package org.probity.node.runtime;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.probity.node.http.Problems;

/** Answers that take a worker's time: whoever asks hears something in the end, whatever happens. */
final class Answers {
  private Answers() {}

  /**
   * Works on another thread. What the work throws is the answer if it has given none before, and
   * {@code not_ready} if there are no workers any more.
   *
   * @param work completes the promise, now or later
   */
  static <T> Future<T> by(Executor workers, Consumer<Promise<T>> work) {
    Promise<T> answer = Promise.promise();
    try {
      workers.execute(
          () -> {
            try {
              work.accept(answer);
            } catch (RuntimeException e) {
              answer.tryFail(e);
            } catch (Error e) {
              answer.tryFail(e);
              throw e;
            }
          });
    } catch (RejectedExecutionException e) {
      answer.tryFail(Problems.notReady("this node stops", 1));
    }
    return answer.future();
  }
}
