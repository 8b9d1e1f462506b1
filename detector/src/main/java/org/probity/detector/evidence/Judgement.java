package org.probity.detector.evidence;

import java.util.List;
import java.util.Optional;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.log.EntryBody;
import org.probity.detector.log.SignedCheckpoint;

/**
 * Guilty: what one of the judges found. There is no other outcome of judging but a DecodeException
 * with the reason why the file proves nothing.
 *
 * @param checkpoints all signed by {@code author}, at least one
 */
record Judgement(
    NodeRecord author,
    List<SignedCheckpoint> checkpoints,
    long position,
    String code,
    List<Exhibit> exhibits,
    String logged,
    String expected,
    Optional<EntryBody> execution) {}
