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

  /**
   * Entry {@code index} with the proof that it is in the log; about log2(size) hash reads, and as
   * many again for each AUDIT.
   *
   * @param audits of this log from its beginning on; those that cover the entry are carried
   */
  static Bytes of(PublishedLog log, long index, List<HeldAudit> audits) {
    List<ReceiptExtra.Audit> carried =
        audits.stream()
            .filter(audit -> index < audit.toSize())
            .limit(ReceiptExtra.MAX_AUDITS)
            .map(
                audit ->
                    new ReceiptExtra.Audit(
                        audit.statement(),
                        MerkleProofs.inclusion(log.entries(), index, audit.toSize())))
            .toList();
    ReceiptExtra extra = new ReceiptExtra(log.entries().entry(index), carried);
    return new TlogProof(
            Optional.of(extra.encode()),
            index,
            MerkleProofs.inclusion(log.entries(), index, log.size()),
            log.note())
        .format();
  }
}
