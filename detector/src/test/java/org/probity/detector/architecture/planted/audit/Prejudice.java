package org.probity.detector.architecture.planted.audit;

/** Lets a hint decide about a verdict. */
public final class Prejudice {
  /** What must never be written. */
  public boolean isGuilty(Hint hint) {
    return hint.value() > 3;
  }
}
