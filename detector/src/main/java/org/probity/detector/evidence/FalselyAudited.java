package org.probity.detector.evidence;

import org.probity.detector.commitment.VerifiedAudit;

/**
 * What a FALSE_AUDIT is about: the statement, and the fault that it says is not there.
 *
 * @param kind INVALID_ENTRY or INVALID_TRANSITION, in the ward's log
 * @param code the rule that the ward broke
 * @param index of the entry at fault, in the ward's log
 */
public record FalselyAudited(VerifiedAudit audit, FaultKind kind, String code, long index) {}
