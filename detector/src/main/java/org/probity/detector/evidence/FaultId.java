package org.probity.detector.evidence;

import java.util.Comparator;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.governance.Subject;
import org.probity.detector.log.Origin;

/**
 * Which fault a proof is about (protocol.md §8.1). Two proofs with one fault id are about the same
 * fault, however their bytes differ.
 *
 * @param subject a node's log, or a member for DOUBLE_BALLOT
 * @param position index of the entry at fault; for a FORK the smaller of the two sizes, for a
 *     DOUBLE_BALLOT the epoch
 */
public record FaultId(Subject subject, FaultKind kind, long position)
    implements Comparable<FaultId> {
  private static final Comparator<FaultId> ORDER =
      Comparator.comparing((FaultId id) -> id.subject().format())
          .thenComparing(FaultId::kind)
          .thenComparingLong(FaultId::position);

  /** A fault in a log. */
  public FaultId(Origin log, FaultKind kind, long position) {
    this(new Subject.OfLog(log), kind, position);
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
