/**
 * What a witness does with the log of a ward (protocol.md §6): {@link
 * org.probity.detector.audit.Replica} keeps it and checks that it only ever grows, {@link
 * org.probity.detector.audit.ConformanceAudit} replays it against the program, and {@link
 * org.probity.detector.audit.AuditSchedule} says which ward's turn it is (protocol.md §9). What
 * comes of a replay is signed as an AUDIT; {@link org.probity.detector.audit.AuditBook} keeps those
 * of others and proves the false ones.
 *
 * <p>Beside the replay a witness notes what a ward owes: {@link
 * org.probity.detector.audit.PromisedLog} the entries it has signed and not produced, {@link
 * org.probity.detector.audit.DecisionsBehind} the decisions it has not logged. That is a reason to
 * challenge it (protocol.md §7.1), and never a proof. {@link
 * org.probity.detector.audit.EmbeddedRelay} passes on what the log says of other logs.
 *
 * <p>Example of a schedule: B = 4 slots per round, chunks of Q = 512 entries, batches of K = 32,
 * phi = 3/4. In each round three slots go to the chunks that have waited longest and one to a ward
 * whose score is above 3, if there is one. With 10,000 entries waiting at each of five wards there
 * are at most {@code 5 * ceil(10000 / 481) = 105} chunks, so that each of these entries is audited
 * within {@code 1 + ceil(105 / 3) = 36} rounds, whatever the scores are.
 */
@NullMarked
package org.probity.detector.audit;

import org.jspecify.annotations.NullMarked;
