package org.probity.detector.architecture.planted.evidence;

/** Makes a proof without a judge. */
public final class Forger {
  public Proof forge() {
    return new Proof();
  }
}
