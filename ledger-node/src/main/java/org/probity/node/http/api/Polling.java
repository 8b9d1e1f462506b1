package org.probity.node.http.api;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * How a client waits for what no event stream tells it: it asks again after a pause that doubles
 * from the first to the last, until the answer is yes or its patience is over. Immutable.
 *
 * <pre>
 * Polling.REMOTE.await(Duration.ofSeconds(30), () -> client.status().ready())
 * </pre>
 */
public final class Polling {
  /** For questions that a node has to answer. */
  public static final Polling REMOTE = new Polling(Duration.ofMillis(50), Duration.ofMillis(800));

  /** For files of this machine, and for what is shown to people as it goes on. */
  public static final Polling LOCAL = new Polling(Duration.ofMillis(50), Duration.ofMillis(100));

  /** What is asked again and again. */
  @FunctionalInterface
  interface Question<T, E extends Exception> {
    T ask() throws E;
  }

  private final Duration first;
  private final Duration last;

  private Polling(Duration first, Duration last) {
    this.first = first;
    this.last = last;
  }

  /**
   * Asks at once and then after each pause; at least once more after the patience is over.
   *
   * @param patience without limit only where the process's end is the limit
   * @return false if the answer was still no when the patience was over
   */
  public boolean await(Duration patience, BooleanSupplier question) throws InterruptedException {
    return await(patience, question::getAsBoolean, answer -> answer);
  }

  /**
   * Asks in the same way until an answer is enough.
   *
   * @return the last answer, enough or not
   * @throws E as the question does, at once
   */
  <T, E extends Exception> T await(
      Duration patience, Question<T, E> question, Predicate<T> isEnough)
      throws InterruptedException, E {
    long startNanos = System.nanoTime();
    long patienceNanos = patience.toNanos();
    Duration pause = first;
    T answer = question.ask();
    for (boolean isLast = false; !isEnough.test(answer) && !isLast; answer = question.ask()) {
      long leftNanos = patienceNanos - (System.nanoTime() - startNanos);
      isLast = leftNanos <= pause.toNanos();
      Thread.sleep(isLast ? Math.max(0, leftNanos / 1_000_000) : pause.toMillis());
      pause = after(pause);
    }
    return answer;
  }

  /** The pause after this one. */
  Duration after(Duration pause) {
    Duration doubled = pause.multipliedBy(2);
    return doubled.compareTo(last) < 0 ? doubled : last;
  }
}
