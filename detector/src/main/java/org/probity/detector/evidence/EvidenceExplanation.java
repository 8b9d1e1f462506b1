package org.probity.detector.evidence;

import java.util.List;
import java.util.Optional;
import org.probity.detector.log.EntryBody;
import org.probity.detector.log.SignedCheckpoint;

/**
 * What a proof shows, for people and their tools: the first place where the log and the rules part.
 * Not part of the proof and never parsed; the texts may change between versions, the codes do not.
 *
 * @param faultId subject, kind and position
 * @param member who answers for the node
 * @param code the rule broken, stable lower_snake
 * @param checkpoints what the accused signed: two for a FORK, the smaller first, none for a
 *     DOUBLE_BALLOT and a FALSE_AUDIT, else one
 * @param audited what else the accused signed, and what of that is false; for a FALSE_AUDIT
 * @param exhibits the entries shown, ascending; the last is the one at fault, in the log of the
 *     accused or, for a FALSE_AUDIT, of its ward; empty for a FORK and a DOUBLE_BALLOT
 * @param logged what the log says at that place
 * @param expected what it would say if the rules had been kept
 * @param execution the very entry that execution gives there, for INVALID_TRANSITION and if there
 *     is one answer to that: the right outcome, SEND or state root
 */
public record EvidenceExplanation(
    FaultId faultId,
    String member,
    String code,
    List<SignedCheckpoint> checkpoints,
    Optional<FalselyAudited> audited,
    List<Exhibit> exhibits,
    String logged,
    String expected,
    Optional<EntryBody> execution) {
  public EvidenceExplanation {
    checkpoints = List.copyOf(checkpoints);
    exhibits = List.copyOf(exhibits);
  }
}
