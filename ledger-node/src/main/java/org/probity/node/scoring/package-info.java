/**
 * The adapter between the running node and {@code ml-scoring} (protocol.md §9): what is seen of
 * peers goes in, hints for the schedule of audits and texts for people come out. Nothing else of
 * the shell knows {@code org.probity.scoring}, by a test over the class files.
 *
 * <p>Example: {@code bank-c} acknowledges envelopes within 80 ms at the median, the other banks
 * within 20. At the end of the epoch {@link org.probity.node.scoring.PeerTelemetry} says {@code
 * ack_p50 = 80}, and {@link org.probity.node.scoring.PeerScores} makes of it, once a model is
 * trained, a score of perhaps 7 with the reason {@code ack_p50 80 ms}. Above 3 its log may be
 * replayed before its turn, and that is all.
 */
@NullMarked
package org.probity.node.scoring;

import org.jspecify.annotations.NullMarked;
