package org.probity.detector.node;

import java.util.OptionalLong;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.Ack;
import org.probity.detector.commitment.Violation;

/** An answer to whoever holds a ticket. */
public sealed interface Release extends Effect {
  long ticket();

  /** The transaction is in the durable log, with this outcome. */
  record Recorded(long ticket, long index, Bytes outcome) implements Release {}

  /** Nothing was logged. */
  record Refused(long ticket, Violation violation) implements Release {}

  /**
   * The transaction is in the durable log at this index, but its entry cannot be read back now.
   *
   * @param reason for operators
   */
  record Unreadable(long ticket, long index, String reason) implements Release {}

  /** The envelope is received, executed and durable, as this proves. */
  record Acknowledged(long ticket, Ack ack) implements Release {}

  /**
   * What is to become of overheard checkpoints.
   *
   * @param isSettled whether the witness has confirmed each, or needs none of them any more; if
   *     not, too many are waiting and these are to be handed over again later
   */
  record Overheard(long ticket, boolean isSettled) implements Release {}

  /**
   * The envelope was not received.
   *
   * @param heldSize what we hold of the sender's log, if its proof must start there
   */
  record EnvelopeRefused(long ticket, String code, OptionalLong heldSize) implements Release {}

  /** A challenge has this answer, our own or one we know. */
  record ChallengeAnswered(long ticket, Bytes answer) implements Release {}

  /** A challenge to somebody else is open here too now. */
  record ChallengeHeld(long ticket) implements Release {}

  /** Nothing comes of this challenge here. */
  record ChallengeRefused(long ticket, String code) implements Release {}
}
