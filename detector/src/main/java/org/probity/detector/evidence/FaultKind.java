package org.probity.detector.evidence;

/** What was proven (protocol.md §8.1). The code is the wire format. */
public enum FaultKind {
  /** Two checkpoints of one log that cannot both be its history. */
  FORK(1),
  /** An entry that no correct node would have logged, whatever its state. */
  INVALID_ENTRY(2),
  /** An entry that does not follow from the state before it. */
  INVALID_TRANSITION(3),
  /** An AUDIT over entries that are not as they must be. */
  FALSE_AUDIT(4),
  /** Two different ballots of one member in one round. */
  DOUBLE_BALLOT(5);

  private final int code;

  FaultKind(int code) {
    this.code = code;
  }

  public int code() {
    return code;
  }
}
