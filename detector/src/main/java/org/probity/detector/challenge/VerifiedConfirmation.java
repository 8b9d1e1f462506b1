package org.probity.detector.challenge;

import java.util.List;
import org.probity.detector.governance.NodeRecord;

/**
 * That these nodes hold durably what an audit challenge asks for, as they say themselves. Whether
 * their word counts is for whoever knows the seats. Only {@link ConfirmationRule} makes one.
 * Immutable.
 */
public final class VerifiedConfirmation {
  private final ValidChallenge challenge;
  private final List<NodeRecord> cosigners;

  VerifiedConfirmation(ValidChallenge challenge, List<NodeRecord> cosigners) {
    this.challenge = challenge;
    this.cosigners = List.copyOf(cosigners);
  }

  public ValidChallenge challenge() {
    return challenge;
  }

  /** Who has cosigned, each once, at least one. */
  public List<NodeRecord> cosigners() {
    return cosigners;
  }
}
