package org.probity.detector.evidence;

/** What {@link EvidenceVerifier} says about a file; the same to everyone, for ever. */
public sealed interface Verification {

  /** The file proves a fault. */
  record Proven(Evidence evidence, EvidenceExplanation explanation) implements Verification {}

  /**
   * The file proves nothing.
   *
   * @param code stable, lower_snake
   * @param message for people
   */
  record Rejected(String code, String message) implements Verification {}
}
