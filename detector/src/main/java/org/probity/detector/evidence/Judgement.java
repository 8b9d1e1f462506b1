package org.probity.detector.evidence;

import java.util.List;
import java.util.Optional;
import org.probity.detector.log.EntryBody;
import org.probity.detector.log.SignedCheckpoint;

/**
 * Guilty: what one of the judges found. There is no other outcome of judging but a DecodeException
 * with the reason why the file proves nothing.
 *
 * @param checkpoints what the culprit signed; none for a DOUBLE_BALLOT and a FALSE_AUDIT, else at
 *     least one
 * @param audited for a FALSE_AUDIT
 */
record Judgement(
    Culprit culprit,
    List<SignedCheckpoint> checkpoints,
    Optional<FalselyAudited> audited,
    long position,
    String code,
    List<Exhibit> exhibits,
    String logged,
    String expected,
    Optional<EntryBody> execution) {}
