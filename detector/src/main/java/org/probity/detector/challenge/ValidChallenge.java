package org.probity.detector.challenge;

import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.VerifiedStatement;
import org.probity.detector.governance.NodeRecord;

/**
 * A challenge that a correct target can answer. Only {@link ChallengeRule} makes one. Immutable;
 * equal if the statements are.
 */
public final class ValidChallenge {
  private final VerifiedStatement statement;
  private final ChallengeKind kind;
  private final NodeRecord target;
  private final NodeRecord challenger;
  private final Claim claim;

  ValidChallenge(
      VerifiedStatement statement,
      ChallengeKind kind,
      NodeRecord target,
      NodeRecord challenger,
      Claim claim) {
    this.statement = statement;
    this.kind = kind;
    this.target = target;
    this.challenger = challenger;
    this.claim = claim;
  }

  /** Of what was signed; the same whoever hands it over. */
  public Hash id() {
    return statement.id();
  }

  /** The exact bytes. */
  public Bytes encoded() {
    return statement.encoded();
  }

  public ChallengeKind kind() {
    return kind;
  }

  public NodeRecord target() {
    return target;
  }

  public NodeRecord challenger() {
    return challenger;
  }

  public Claim claim() {
    return claim;
  }

  /** Whose messages are to be acknowledged, if any are. */
  public Optional<String> sender() {
    return claim instanceof Claim.Message message
        ? Optional.of(message.sender().node())
        : Optional.empty();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ValidChallenge that && statement.equals(that.statement);
  }

  @Override
  public int hashCode() {
    return statement.hashCode();
  }

  @Override
  public String toString() {
    return kind.label()
        + " challenge "
        + id()
        + " of "
        + challenger.node()
        + " to "
        + target.node();
  }
}
