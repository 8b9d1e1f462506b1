package org.probity.detector.trust;

/** What the detector says about a peer; exactly one of three (protocol.md §1). */
public enum Verdict {
  /** Nothing is held against it. */
  TRUSTED,
  /** It leaves unanswered what a correct node must answer; ends when it answers. */
  SUSPECTED,
  /** There is a proof against it; never ends. */
  EXPOSED
}
