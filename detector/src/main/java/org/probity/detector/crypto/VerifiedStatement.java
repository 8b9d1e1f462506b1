package org.probity.detector.crypto;

import java.util.List;
import org.probity.detector.codec.Bytes;

/**
 * A statement of a known typ in our network, every signature of which is valid under its key. Only
 * {@link StatementVerifier} makes one, so a method that takes this type cannot be handed anything
 * unverified.
 *
 * <p>It says that {@link #signers} said it, and no more: whether they are entitled to is for the
 * state machine to decide. Immutable.
 */
public final class VerifiedStatement {
  private final Statement statement;
  private final List<PublicKey> signers;

  /** For {@link StatementVerifier} only. */
  VerifiedStatement(Statement statement, List<PublicKey> signers) {
    this.statement = statement;
    this.signers = List.copyOf(signers);
  }

  /** What was signed; not parsed yet. */
  public Bytes payload() {
    return statement.signatures().get(0).unverifiedPayload();
  }

  /** Who signed it, 1 to 16 different keys, ascending. */
  public List<PublicKey> signers() {
    return signers;
  }

  public String typ() {
    return statement.typ();
  }

  public Hash networkId() {
    return statement.networkId();
  }

  /** {@link Statement#id()}. */
  public Hash id() {
    return statement.id();
  }

  /** The exact bytes that were verified. */
  public Bytes encoded() {
    return statement.encoded();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof VerifiedStatement that && statement.equals(that.statement);
  }

  @Override
  public int hashCode() {
    return statement.hashCode();
  }

  @Override
  public String toString() {
    return "VerifiedStatement[" + typ() + " " + id() + " by " + signers + "]";
  }
}
