package org.probity.benchmarks.load;

import io.vertx.core.Future;
import java.util.OptionalLong;

/** Where load goes. */
public interface LoadTarget {

  /**
   * Sends one request. Fails if the node cannot be reached or answers with an error other than 429,
   * or if any statement was not executed: such a run measures something else.
   */
  Future<Answer> send(Load load);

  /**
   * What the node answered.
   *
   * @param retryAfterMillis present if it had no room (429): send the same again, not before this
   */
  record Answer(OptionalLong retryAfterMillis) {
    /** Everything in the request is durable and executed. */
    public static final Answer DONE = new Answer(OptionalLong.empty());

    /** The node had no room. */
    public static Answer retryAfter(long millis) {
      return new Answer(OptionalLong.of(millis));
    }
  }
}
