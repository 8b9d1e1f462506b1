package org.probity.detector.challenge;

import java.util.List;
import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.VerifiedAck;
import org.probity.detector.commitment.VerifiedCheckpoint;
import org.probity.detector.crypto.Hash;
import org.probity.detector.program.TransactionOutcome.Status;

/** A challenge that is answered, by these bytes. Only {@link AnswerRule} makes one. Immutable. */
public final class VerifiedAnswer {
  private final ValidChallenge challenge;
  private final Bytes encoded;
  private final Content content;

  /** What an answer consists of; which parts there are depends on what was asked. */
  record Content(
      Optional<VerifiedAck> ack,
      List<Bytes> entries,
      List<Hash> link,
      Optional<VerifiedCheckpoint> checkpoint,
      Optional<Status> refusal) {
    private static final Content NONE =
        new Content(Optional.empty(), List.of(), List.of(), Optional.empty(), Optional.empty());

    Content {
      entries = List.copyOf(entries);
      link = List.copyOf(link);
    }

    static Content acknowledging(VerifiedAck ack) {
      return new Content(Optional.of(ack), NONE.entries, NONE.link, NONE.checkpoint, NONE.refusal);
    }

    static Content producing(List<Bytes> entries, List<Hash> multiproof) {
      return new Content(NONE.ack, entries, multiproof, NONE.checkpoint, NONE.refusal);
    }

    static Content linking(List<Hash> link) {
      return new Content(NONE.ack, NONE.entries, link, NONE.checkpoint, NONE.refusal);
    }

    static Content including(VerifiedCheckpoint checkpoint, Bytes entry) {
      return new Content(
          NONE.ack, List.of(entry), NONE.link, Optional.of(checkpoint), NONE.refusal);
    }

    static Content refusing(VerifiedCheckpoint checkpoint, Bytes entry, Status refusal) {
      return new Content(
          NONE.ack, List.of(entry), NONE.link, Optional.of(checkpoint), Optional.of(refusal));
    }
  }

  VerifiedAnswer(ValidChallenge challenge, Bytes encoded, Content content) {
    this.challenge = challenge;
    this.encoded = encoded;
    this.content = content;
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
    return content.ack();
  }

  /** What the target has produced of its log: the entries asked for, or the one that answers. */
  public List<Bytes> entries() {
    return content.entries();
  }

  /** The consistency proof, or the multiproof of the entries; of these two kinds. */
  public List<Hash> link() {
    return content.link();
  }

  /** What the target has signed over the entry that answers; of a client or decision challenge. */
  public Optional<VerifiedCheckpoint> checkpoint() {
    return content.checkpoint();
  }

  /** Why a client's transaction is not in the log, if that is the answer. */
  public Optional<Status> refusal() {
    return content.refusal();
  }
}
