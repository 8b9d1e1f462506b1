package org.probity.detector.architecture.planted.evidence;

/** The one source of {@link Proof}. */
public final class Judge {
  public Proof judge() {
    return new Proof();
  }
}
