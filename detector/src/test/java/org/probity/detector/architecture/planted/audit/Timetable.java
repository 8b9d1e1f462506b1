package org.probity.detector.architecture.planted.audit;

/** The one reader. */
public final class Timetable {
  /** Reads what it may. */
  public boolean isUrgent(Hint hint) {
    return hint.value() > 0;
  }
}
