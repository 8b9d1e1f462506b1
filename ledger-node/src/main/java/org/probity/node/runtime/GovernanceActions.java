package org.probity.node.runtime;

import java.util.Optional;
import org.probity.detector.crypto.Hash;
import org.probity.detector.evidence.Evidence;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.Subject;

/** Actions out of what they are about. */
public final class GovernanceActions {
  private GovernanceActions() {}

  /** Puts a proof on record; its file is the one in hand. */
  public static Action.SubmitEvidence submit(Evidence proof) {
    Optional<Action.LogName> log =
        proof.faultId().subject() instanceof Subject.OfLog node
            ? Optional.of(new Action.LogName(node.origin().node(), node.origin().incarnation()))
            : Optional.empty();
    return new Action.SubmitEvidence(
        proof.faultId().hash(),
        proof.faultId().kind().code(),
        proof.member(),
        log,
        proof.faultId().position(),
        Hash.sha256(proof.encoded().toArray()));
  }
}
