package org.probity.detector.governance;

import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;

/** A decision that was taken. Only {@link DecisionRule} makes one. Immutable. */
public final class ValidDecision {
  private final Decision decision;
  private final Bytes encoded;
  private final Hash id;
  private final Optional<NodeRecord> enrolled;

  ValidDecision(Decision decision, Bytes encoded, Hash id, Optional<NodeRecord> enrolled) {
    this.decision = decision;
    this.encoded = encoded;
    this.id = id;
    this.enrolled = enrolled;
  }

  public Decision decision() {
    return decision;
  }

  /** The exact bytes. */
  public Bytes encoded() {
    return encoded;
  }

  /** {@link Decision#id}. */
  public Hash id() {
    return id;
  }

  /** The node whose new keys it accepts, countersigned by the owning member. */
  public Optional<NodeRecord> enrolled() {
    return enrolled;
  }
}
