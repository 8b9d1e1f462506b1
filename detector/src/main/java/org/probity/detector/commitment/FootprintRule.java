package org.probity.detector.commitment;

import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.VerifiedStatement;
import org.probity.detector.log.AckEntry;
import org.probity.detector.log.DecisionEntry;
import org.probity.detector.log.Entry;
import org.probity.detector.log.ReceiveEntry;
import org.probity.detector.log.SendEntry;
import org.probity.detector.program.Program;
import org.probity.detector.program.SystemRules;
import org.probity.detector.program.Transaction;

/**
 * How much the inputs of one batch may cost in a proof (protocol §8.1: INVALID_TRANSITION within 64
 * KiB). The footprint of an input is an upper bound, in bytes, of what a proof about it carries of
 * the log and discloses of the state; it follows from the bytes alone, so that the node that logs
 * an input, its auditors and every verifier get the same number without the state.
 *
 * <ul>
 *   <li>One input costs at most {@link SystemRules#MAX_FOOTPRINT_BYTES}: {@link #isTooLarge}.
 *   <li>Several inputs of a batch cost as much together: {@link Batch}.
 *   <li>One message costs a little less, so that it can be received alone: {@link #canBeSent}.
 * </ul>
 *
 * <p>Immutable and thread-safe if the program's own bounds are, which are functions of the bytes.
 */
public final class FootprintRule {
  /** A hash as CBOR: every proof is mostly made of them. */
  private static final int HASH_BYTES = 34;

  /** Membership or absence of one transaction id among a million. */
  private static final int ID_BYTES = 600;

  /** The SENDs that one ACK may close, neighbours in the state, and their channel. */
  private static final int CLOSED_SENDS_BYTES = 5 * 1024;

  private final Program program;

  public FootprintRule(Program program) {
    this.program = program;
  }

  /** Of a TRANSACTION. */
  public long of(VerifiedStatement statement, Transaction transaction) {
    return ID_BYTES + statement.encoded().size() + (long) program.transactionFootprint(transaction);
  }

  /** Of a RECEIVE; its multiproof is carried in the entry. */
  public long of(ReceiveEntry receive) {
    long bytes = receive.checkpoint().size() + HASH_BYTES * (long) receive.multiproof().size();
    for (Bytes send : receive.sends()) {
      bytes += ofSend(send);
    }
    return bytes;
  }

  /**
   * Of an ACK; its proofs are carried in the entry. None costs too much alone: {@link AckRule}
   * takes a state proof that discloses one key and nothing else, which has at most one hash for
   * every bit of the key.
   */
  public long of(AckEntry ack) {
    return CLOSED_SENDS_BYTES
        + ack.checkpoint().size()
        + ack.stateEntry().size()
        + ack.stateProof().size()
        + HASH_BYTES * (long) ack.inclusion().size();
  }

  /**
   * Of a DECISION: all there is, so that it is the one input of its batch. A decision is not
   * refused for its size, since everybody must log it; {@link
   * org.probity.detector.governance.Decision#MAX_BYTES} bounds it.
   */
  public long of(DecisionEntry decision) {
    return SystemRules.MAX_FOOTPRINT_BYTES;
  }

  /**
   * What a SEND adds to the RECEIVE that takes it in, with a path of its own.
   *
   * @param send the whole entry
   * @param logSize of the log it is in
   */
  public long ofSendWithPath(Bytes send, long logSize) {
    return ofSend(send) + HASH_BYTES * (long) (Long.SIZE - Long.numberOfLeadingZeros(logSize));
  }

  private long ofSend(Bytes encoded) {
    return (long) encoded.size() + payload(encoded).map(program::messageFootprint).orElse(0);
  }

  /** Nothing of what is no SEND: another rule refuses it. */
  private static Optional<Bytes> payload(Bytes encoded) {
    try {
      return Entry.decode(encoded).body() instanceof SendEntry send
          ? Optional.of(send.payload())
          : Optional.empty();
    } catch (DecodeException e) {
      return Optional.empty();
    }
  }

  /** Whether a message leaves room for its sender's checkpoint and proof when received alone. */
  public boolean canBeSent(Bytes payload) {
    return payload.size() + (long) program.messageFootprint(payload)
        <= SystemRules.MAX_MESSAGE_FOOTPRINT_BYTES;
  }

  /** Whether a proof about one input alone, or about these together, could exceed its bound. */
  public static boolean isTooLarge(long footprint) {
    return footprint > SystemRules.MAX_FOOTPRINT_BYTES;
  }

  /** The inputs of the batch that is open. Not thread-safe. */
  public static final class Batch {
    private long bytes;

    /** Whether there is room for one more input; the first of a batch always fits. */
    public boolean hasRoomFor(long footprint) {
      return bytes == 0 || !isTooLarge(bytes + footprint);
    }

    /** Counts an input. */
    public void add(long footprint) {
      bytes += footprint;
    }

    /** STATE ends the batch. */
    public void end() {
      bytes = 0;
    }
  }
}
