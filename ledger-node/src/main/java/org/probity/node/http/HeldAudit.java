package org.probity.node.http;

import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.VerifiedAudit;
import org.probity.detector.crypto.Hash;

/**
 * An AUDIT that is kept here: verified, and about the log as it is held here.
 *
 * @param auditor the node that signed
 * @param member the auditor's
 * @param toSize how many entries it replayed, from GENESIS on
 * @param toRoot of these
 * @param id of the statement
 * @param statement its exact bytes
 */
public record HeldAudit(
    String auditor, String member, long toSize, Hash toRoot, Hash id, Bytes statement) {

  public static HeldAudit of(VerifiedAudit audit) {
    return new HeldAudit(
        audit.auditor().node(),
        audit.auditor().member(),
        audit.content().to().size(),
        audit.content().to().root(),
        audit.id(),
        audit.encoded());
  }
}
