package org.probity.detector.audit;

/** Why a chunk is audited now. */
public enum AuditLane {
  /** Its turn had come: the oldest chunk that waited, whatever anybody thinks of its ward. */
  FLOOR,
  /** Its ward's score was above the threshold, or a person has asked for it. */
  SCORE
}
