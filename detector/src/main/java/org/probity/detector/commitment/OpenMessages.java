package org.probity.detector.commitment;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.log.AckEntry;
import org.probity.detector.log.Entry;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.Multiproof;
import org.probity.detector.log.ReceiveEntry;
import org.probity.detector.log.SignedCheckpoint;

/**
 * What a log has sent and nobody has acknowledged, read back by whoever is to deliver it: the node
 * itself, or a witness of it (protocol.md §5.4, §6.5).
 */
public final class OpenMessages {
  /** SENDs and bytes of one envelope: keeps the proof against a lying receiver within bounds. */
  public static final int MAX_SENDS = 32;

  public static final int MAX_SEND_BYTES = 16 * 1024;

  private OpenMessages() {}

  /**
   * The RECEIVE that takes in as many of the oldest as its receiver may log at once, at least one.
   *
   * @param checkpoint of the log that is read, over all of the SENDs
   * @param open where they are, in sequence order; at least one
   * @throws org.probity.detector.log.UnreadableLogException if one of them is
   */
  public static ReceiveEntry oldest(
      FootprintRule footprints, LogReader log, SignedCheckpoint checkpoint, List<Long> open) {
    List<Long> indices = new ArrayList<>();
    List<Bytes> sends = new ArrayList<>();
    int bytes = 0;
    long footprint = SignedCheckpoint.MAX_BYTES;
    for (long index : open) {
      Bytes send = log.entry(index);
      bytes += send.size();
      footprint += footprints.ofSendWithPath(send, checkpoint.size());
      if (!sends.isEmpty() && (bytes > MAX_SEND_BYTES || FootprintRule.isTooLarge(footprint))) {
        break;
      }
      indices.add(index);
      sends.add(send);
    }
    return new ReceiveEntry(
        checkpoint.bytes(), sends, Multiproof.build(log, checkpoint.size(), indices));
  }

  /**
   * The last acknowledgement of {@code receiver}, in whatever incarnation, among the entries {@code
   * [from, to)}; cost: reads them from the end. What is no acknowledgement, whatever else it is, is
   * passed over.
   *
   * @throws org.probity.detector.log.UnreadableLogException if one of them is
   */
  public static Optional<AckEntry> lastAck(LogReader log, String receiver, long from, long to) {
    for (long index = to - 1; index >= from; index--) {
      Optional<AckEntry> ack = ackOf(log.entry(index), receiver);
      if (ack.isPresent()) {
        return ack;
      }
    }
    return Optional.empty();
  }

  private static Optional<AckEntry> ackOf(Bytes encoded, String receiver) {
    try {
      return Entry.decode(encoded).body() instanceof AckEntry ack
              && SignedCheckpoint.parse(ack.checkpoint()).origin().node().equals(receiver)
          ? Optional.of(ack)
          : Optional.empty();
    } catch (DecodeException e) {
      // In a log that nobody has audited yet anything may stand; that is for the audit to find.
      return Optional.empty();
    }
  }
}
