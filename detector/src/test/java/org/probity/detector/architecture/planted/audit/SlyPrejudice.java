package org.probity.detector.architecture.planted.audit;

import java.util.function.ToDoubleFunction;

/** The same through a reference to the method. */
public final class SlyPrejudice {
  /** What must never be written. */
  public ToDoubleFunction<Hint> guilt() {
    return Hint::value;
  }
}
