package org.probity.detector.architecture.planted.audit;

/** Stands for a priority. */
public final class Hint {
  double value() {
    return 1;
  }
}
