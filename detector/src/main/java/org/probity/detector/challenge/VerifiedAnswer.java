package org.probity.detector.challenge;

import java.util.List;
import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.VerifiedAck;
import org.probity.detector.crypto.Hash;

/** A challenge that is answered, by these bytes. Only {@link AnswerRule} makes one. Immutable. */
public final class VerifiedAnswer {
  private final ValidChallenge challenge;
  private final Bytes encoded;
  private final Optional<VerifiedAck> ack;
  private final List<Bytes> entries;
  private final List<Hash> link;

  VerifiedAnswer(
      ValidChallenge challenge,
      Bytes encoded,
      Optional<VerifiedAck> ack,
      List<Bytes> entries,
      List<Hash> link) {
    this.challenge = challenge;
    this.encoded = encoded;
    this.ack = ack;
    this.entries = List.copyOf(entries);
    this.link = List.copyOf(link);
  }

  public ValidChallenge challenge() {
    return challenge;
  }

  /** The exact bytes. */
  public Bytes encoded() {
    return encoded;
  }

  /** What the sender of the messages logs; of a message challenge. */
  public Optional<VerifiedAck> ack() {
    return ack;
  }

  /** What the target has produced of its log: the entries asked for, or the one that answers. */
  public List<Bytes> entries() {
    return entries;
  }

  /** The consistency proof; of a consistency challenge. */
  public List<Hash> link() {
    return link;
  }
}
