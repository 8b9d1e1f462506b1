package org.probity.node.http.api;

import java.time.Duration;
import java.util.function.BooleanSupplier;

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
    long startNanos = System.nanoTime();
    long patienceNanos = patience.toNanos();
    Duration pause = first;
    boolean last = false;
    while (!question.getAsBoolean()) {
      if (last) {
        return false;
      }
      long leftNanos = patienceNanos - (System.nanoTime() - startNanos);
      last = leftNanos <= pause.toNanos();
      Thread.sleep(last ? Math.max(0, leftNanos / 1_000_000) : pause.toMillis());
      pause = next(pause);
    }
    return true;
  }

  /** The pause after this one; the first follows on zero. */
  Duration next(Duration pause) {
    Duration doubled = pause.isZero() ? first : pause.multipliedBy(2);
    return doubled.compareTo(last) < 0 ? doubled : last;
  }
}
