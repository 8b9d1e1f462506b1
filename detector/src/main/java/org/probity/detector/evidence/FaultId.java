package org.probity.detector.evidence;

import java.util.Comparator;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.crypto.Hash;
import org.probity.detector.governance.Subject;
import org.probity.detector.log.Origin;

/**
 * Which fault a proof is about (protocol.md §8.1). Two proofs with one fault id are about the same
 * fault, however their bytes differ.
 *
 * @param subject a node's log, or a member for DOUBLE_BALLOT
 * @param position index of the entry at fault; for a FORK the smaller of the two sizes, for a
 *     DOUBLE_BALLOT the epoch, for a FALSE_AUDIT {@link #falseAuditPosition}
 */
public record FaultId(Subject subject, FaultKind kind, long position)
    implements Comparable<FaultId> {
  private static final int FALSE_AUDIT_POSITION_BYTES = 6;

  private static final Comparator<FaultId> ORDER =
      Comparator.comparing((FaultId id) -> id.subject().format())
          .thenComparing(FaultId::kind)
          .thenComparingLong(FaultId::position);

  /** A fault in a log. */
  public FaultId(Origin log, FaultKind kind, long position) {
    this(new Subject.OfLog(log), kind, position);
  }

  /**
   * What tells the false AUDITs of one auditor apart: the entry that is not as it was said to be,
   * in whichever log. The first 6 bytes, big-endian, of SHA-256({@code [log: tstr, index: uint]}).
   *
   * <p>All statements that cover that entry are one lie. A number of 48 bits stays exact in every
   * JSON parser.
   */
  static long falseAuditPosition(Origin log, long index) {
    byte[] entry = new CborWriter().array(2).text(log.format()).uint(index).toByteArray();
    byte[] hash = Hash.sha256(entry).toArray();
    long position = 0;
    for (int at = 0; at < FALSE_AUDIT_POSITION_BYTES; at++) {
      position = (position << 8) | (hash[at] & 0xff);
    }
    return position;
  }

  /** The id as one hash, for file names and URLs: SHA-256 of {@link #encode}. */
  public Hash hash() {
    return Hash.sha256(encode().unsafeArray());
  }

  /** {@code [subject tstr, kind uint, position uint]}. */
  Bytes encode() {
    return subject.encodeFault(kind.code(), position);
  }

  @Override
  public int compareTo(FaultId other) {
    return ORDER.compare(this, other);
  }
}
