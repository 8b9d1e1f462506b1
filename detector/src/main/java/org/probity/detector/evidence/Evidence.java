package org.probity.detector.evidence;

import java.util.Optional;
import org.probity.detector.codec.Bytes;

/**
 * A proof that a node or a member broke the protocol, verified. The only way to have one is {@link
 * EvidenceVerifier}, for our own findings too (protocol.md §8.2). Immutable.
 */
public final class Evidence {
  private final Bytes encoded;
  private final FaultId faultId;
  private final String member;
  private final String code;

  Evidence(Bytes encoded, FaultId faultId, String member, String code) {
    this.encoded = encoded;
    this.faultId = faultId;
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
}
