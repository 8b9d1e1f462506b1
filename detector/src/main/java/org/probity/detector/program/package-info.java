/**
 * What a deterministic service implements to become accountable.
 *
 * <p>A {@link org.probity.detector.program.Program} is a state machine without clock, randomness or
 * memory of its own: everything it knows is in the ordered map it is handed, everything it says
 * goes through the {@link org.probity.detector.program.Context}. The node that runs it and every
 * auditor that replays it call the same methods with the same inputs and must reach the same state
 * root; that is the whole of accountability (PeerReview §3, protocol.md §1).
 */
@NullMarked
package org.probity.detector.program;

import org.jspecify.annotations.NullMarked;
