package org.probity.node.http;

import java.util.List;
import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.ReceiptExtra;
import org.probity.detector.log.TlogProof;

/** C2SP tlog-proof receipts out of a published log. */
final class Receipts {
  private Receipts() {}

  /** Entry {@code index} with the proof that it is in the log; about log2(size) hash reads. */
  static Bytes of(PublishedLog log, long index) {
    ReceiptExtra extra = new ReceiptExtra(log.entries().entry(index), List.of());
    return new TlogProof(
            Optional.of(extra.encode()),
            index,
            MerkleProofs.inclusion(log.entries(), index, log.size()),
            log.note())
        .format();
  }
}
