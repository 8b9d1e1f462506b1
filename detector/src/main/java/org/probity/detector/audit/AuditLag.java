package org.probity.detector.audit;

/**
 * How far the audits of a ward are behind its log.
 *
 * @param entries arrived and not reported as audited, those of slots under way included
 * @param chunks that wait for a slot
 * @param waitedRounds of the oldest of them; 0 if none waits
 */
public record AuditLag(long entries, long chunks, long waitedRounds) {}
