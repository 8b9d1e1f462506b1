package org.probity.detector.audit;

import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.CheckpointVerifier;
import org.probity.detector.commitment.VerifiedCheckpoint;
import org.probity.detector.log.AckEntry;
import org.probity.detector.log.Entry;
import org.probity.detector.log.EntryType;
import org.probity.detector.log.ReceiveEntry;
import org.probity.detector.log.SignedCheckpoint;

/**
 * Checkpoints of other logs inside the entries of a ward (protocol.md §6.2). A node that shows
 * different histories to different peers is found through them: each peer has logged the half it
 * was shown, and the witnesses of that peer pass it on as soon as they replicate it.
 *
 * <p>Pure and thread-safe.
 */
public final class EmbeddedCheckpoints {
  private EmbeddedCheckpoints() {}

  /**
   * The checkpoint inside a RECEIVE or ACK, if it is one of a node of the consortium. What is wrong
   * with an entry otherwise is for {@link ConformanceAudit} to say. Cost: for such an entry
   * decoding and one signature verification.
   */
  public static Optional<VerifiedCheckpoint> in(Bytes entry, CheckpointVerifier verifier) {
    return signed(entry).flatMap(verifier::verify);
  }

  /** The checkpoint inside a RECEIVE or ACK, whoever has signed it. Cost: decoding the entry. */
  public static Optional<SignedCheckpoint> signed(Bytes entry) {
    Optional<EntryType> type = Entry.typeOf(entry);
    if (type.isEmpty() || (type.get() != EntryType.RECEIVE && type.get() != EntryType.ACK)) {
      return Optional.empty();
    }
    try {
      Entry decoded = Entry.decode(entry);
      if (decoded.body() instanceof ReceiveEntry receive) {
        return Optional.of(SignedCheckpoint.parse(receive.checkpoint()));
      }
      if (decoded.body() instanceof AckEntry ack) {
        return Optional.of(SignedCheckpoint.parse(ack.checkpoint()));
      }
    } catch (DecodeException e) {
      return Optional.empty();
    }
    return Optional.empty();
  }
}
