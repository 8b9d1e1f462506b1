package org.probity.detector.evidence;

import java.util.Comparator;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.Origin;

/**
 * Which fault a proof is about (protocol.md §8.1). Two proofs with one fault id are about the same
 * fault, however their bytes differ.
 *
 * @param position index of the entry at fault; for a FORK the smaller of the two sizes
 */
public record FaultId(Origin subject, FaultKind kind, long position)
    implements Comparable<FaultId> {
  private static final Comparator<FaultId> ORDER =
      Comparator.comparing((FaultId id) -> id.subject().format())
          .thenComparing(FaultId::kind)
          .thenComparingLong(FaultId::position);

  /** The id as one hash, for file names and URLs: SHA-256 of {@link #encode}. */
  public Hash hash() {
    return Hash.sha256(encode().unsafeArray());
  }

  /** {@code [origin tstr, kind uint, position uint]}. */
  Bytes encode() {
    return new CborWriter()
        .array(3)
        .text(subject.format())
        .uint(kind.code())
        .uint(position)
        .toBytes();
  }

  @Override
  public int compareTo(FaultId other) {
    return ORDER.compare(this, other);
  }
}
