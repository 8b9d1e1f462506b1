package org.probity.detector.node;

import org.probity.detector.commitment.Machine;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.Frontier;
import org.probity.detector.state.StateTree;

/**
 * A place between two batches of a log, with everything needed to go on from there.
 *
 * @param frontier of the tree over all entries before this place
 * @param lastLeaf leaf hash of the entry before, the network id at the very start
 * @param state after the entry before
 */
public record LogPosition(Frontier frontier, Hash lastLeaf, StateTree state) {

  /** Before the first entry. */
  public static LogPosition start(Machine machine) {
    return new LogPosition(Frontier.EMPTY, machine.genesis().networkId(), machine.initialState());
  }
}
