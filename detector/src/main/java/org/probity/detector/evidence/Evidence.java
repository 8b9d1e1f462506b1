package org.probity.detector.evidence;

import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.Subject;

/**
 * A proof that a node or a member broke the protocol, verified. The only way to have one is {@link
 * EvidenceVerifier}, for our own findings too (protocol.md §8.2). Immutable.
 */
public final class Evidence {
  private final Bytes encoded;
  private final FaultId faultId;
  private final Hash fault;
  private final String member;
  private final String code;

  Evidence(Bytes encoded, FaultId faultId, String member, String code) {
    this.encoded = encoded;
    this.faultId = faultId;
    this.fault = faultId.hash();
    this.member = member;
    this.code = code;
  }

  /** The exact bytes that prove it to anyone with the genesis document. */
  public Bytes encoded() {
    return encoded;
  }

  public FaultId faultId() {
    return faultId;
  }

  /** {@link FaultId#hash} of it. */
  public Hash fault() {
    return fault;
  }

  /** The node at fault; none if it is the member itself. */
  public Optional<String> node() {
    return faultId.subject().node();
  }

  /** The node at fault, or the member if it is that itself; for messages and names of files. */
  public String accused() {
    return node().orElse(member);
  }

  /** The member that answers for it. */
  public String member() {
    return member;
  }

  /** The rule that was broken, stable lower_snake: {@code fork}, {@code outcome_differs}, … */
  public String code() {
    return code;
  }

  /**
   * What puts this proof on record (protocol.md §13.1); members have its file by the hash in it.
   * Cost: one hash of the file.
   */
  public Action.SubmitEvidence submission() {
    Optional<Action.LogName> log =
        faultId.subject() instanceof Subject.OfLog subject
            ? Optional.of(
                new Action.LogName(subject.origin().node(), subject.origin().incarnation()))
            : Optional.empty();
    return new Action.SubmitEvidence(
        fault,
        faultId.kind().code(),
        member,
        log,
        faultId.position(),
        Hash.sha256(encoded.unsafeArray()));
  }
}
