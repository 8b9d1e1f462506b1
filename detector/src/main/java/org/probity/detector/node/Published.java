package org.probity.detector.node;

import org.probity.detector.log.Entry;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.state.StateTree;

/**
 * The durable end of the own log, for readers on any thread. Immutable.
 *
 * @param checkpoint the newest whose entries are durable
 * @param lastEntry the STATE or GENESIS it ends on
 * @param state at that point
 */
public record Published(SignedCheckpoint checkpoint, Entry lastEntry, StateTree state) {
  public long size() {
    return checkpoint.head().size();
  }
}
