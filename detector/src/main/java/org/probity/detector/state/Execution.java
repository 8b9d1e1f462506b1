package org.probity.detector.state;

/** What came of executing something on a {@link StateWitness}. */
public sealed interface Execution<T> {
  /**
   * It ran to its end on disclosed state only: the result is the one the whole state would give.
   *
   * @param exact whether the witness discloses nothing but what was looked at, that is, whether it
   *     is the one witness an {@link AccessLog} makes of this execution
   */
  record Complete<T>(T result, boolean exact) implements Execution<T> {}

  /** It needed something the witness does not disclose: nothing can be said. */
  record Incomplete<T>() implements Execution<T> {}
}
