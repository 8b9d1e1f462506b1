package org.probity.detector.log;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;

/**
 * Rules of the log that show on one, two or three entries, wherever in the log they stand, without
 * any state: what INVALID_ENTRY evidence (protocol §8.1) is judged by. {@link BatchGrammar} finds
 * the same faults when it reads a whole log.
 *
 * <p>Pure and total. An empty result means "no fault <em>shows on these</em>", never "valid".
 * Entries handed in as decoded have been accepted by {@link #alone} at the position they are proven
 * to have.
 */
public final class EntryRules {
  /** The shortest encoding of any entry: a TICK with small numbers. */
  public static final int MIN_ENTRY_BYTES = 39;

  private EntryRules() {}

  /** The fault that these bytes show at {@code position} of the log {@code self}. */
  public static Optional<EntryFault> alone(Origin self, long position, Bytes bytes) {
    try {
      return alone(self, position, Entry.decode(bytes));
    } catch (DecodeException e) {
      return Optional.of(EntryFault.ENCODING);
    }
  }

  /** The same in a log of one incarnation. */
  public static Optional<EntryFault> alone(Origin self, long position, Entry entry) {
    return alone(self, 0, position, entry);
  }

  /**
   * The fault that this entry shows at {@code position}.
   *
   * @param self of the incarnation that has written there
   * @param first index at which that begins
   */
  public static Optional<EntryFault> alone(Origin self, long first, long position, Entry entry) {
    if (entry.index() != position) {
      return Optional.of(EntryFault.WRONG_INDEX);
    }
    boolean isGenesis = entry.type() == EntryType.GENESIS;
    if ((position == first) != isGenesis) {
      return Optional.of(isGenesis ? EntryFault.GENESIS_MISPLACED : EntryFault.GENESIS_MISSING);
    }
    if (entry.body() instanceof GenesisEntry genesis) {
      return genesis(self, entry, genesis);
    }
    if (entry.body() instanceof StateEntry state) {
      return state(entry, state);
    }
    return EmbeddedRules.check(self, entry.body());
  }

  /** The first of {@link #allOfPair}: the one an auditor names. */
  public static Optional<EntryFault> pair(Entry earlier, Entry later) {
    return allOfPair(earlier, later).stream().findFirst();
  }

  /**
   * Every fault that two entries of one log show side by side, {@code earlier.index() <
   * later.index()}: the chain and the grammar if they are neighbours, then whatever an earlier
   * entry can convict a later one of.
   */
  public static List<EntryFault> allOfPair(Entry earlier, Entry later) {
    List<EntryFault> faults = new ArrayList<>();
    if (earlier.index() >= later.index()) {
      return faults;
    }
    if (earlier.index() == later.index() - 1) {
      neighbours(earlier, later).ifPresent(faults::add);
    }
    if (later.body() instanceof StateEntry state) {
      previousState(earlier, state).ifPresent(faults::add);
    }
    if (earlier.body() instanceof TickEntry first && later.body() instanceof TickEntry second) {
      // SPEC protocol.md §4.2: TICK is max(last, clock), so it never goes back.
      faultIf(second.millis() < first.millis(), EntryFault.TICK_BACKWARDS).ifPresent(faults::add);
    }
    if (earlier.body() instanceof SendEntry first && later.body() instanceof SendEntry second) {
      sequence(first, second).ifPresent(faults::add);
    }
    return faults;
  }

  /**
   * BATCH_TOO_LARGE, if {@code first} and {@code second} are two inputs of the batch that {@code
   * state} ends and this is longer than a batch of several inputs may be. Three entries prove it
   * whatever the batch weighs, because STATE names its length itself.
   */
  public static Optional<EntryFault> crowdedBatch(
      BatchLimits limits, Entry first, Entry second, Entry state) {
    if (!(state.body() instanceof StateEntry end)) {
      return Optional.empty();
    }
    boolean twoInputsInside =
        end.previousStateIndex() < first.index()
            && first.index() < second.index()
            && second.index() < state.index()
            && first.type().role() == EntryType.Role.INPUT
            && second.type().role() == EntryType.Role.INPUT;
    long entries = state.index() - end.previousStateIndex();
    long stateBytes = state.bytes().size();
    boolean tooLong =
        end.bytesBetween() > Long.MAX_VALUE - stateBytes
            || limits.isBrokenBy(2, entries, end.bytesBetween() + stateBytes);
    return faultIf(twoInputsInside && tooLong, EntryFault.BATCH_TOO_LARGE);
  }

  /** CHECKPOINT_NOT_ON_STATE, if {@code last}, at {@code size - 1}, completes no batch. */
  public static Optional<EntryFault> lastOfCheckpoint(Entry last) {
    // SPEC protocol.md §4.3: every checkpoint MUST end on STATE (or GENESIS).
    return faultIf(!last.type().completesBatch(), EntryFault.CHECKPOINT_NOT_ON_STATE);
  }

  private static Optional<EntryFault> genesis(Origin self, Entry entry, GenesisEntry genesis) {
    if (entry.index() == 0 && !entry.prev().equals(self.networkId())) {
      return Optional.of(EntryFault.WRONG_NETWORK);
    }
    boolean isOurs =
        genesis.node().equals(self.node()) && genesis.incarnation() == self.incarnation();
    return faultIf(!isOurs, EntryFault.GENESIS_WRONG_NODE);
  }

  private static Optional<EntryFault> state(Entry entry, StateEntry state) {
    if (state.previousStateIndex() >= entry.index()) {
      return Optional.of(EntryFault.STATE_WRONG_PREVIOUS);
    }
    long between = entry.index() - state.previousStateIndex() - 1;
    long bytes = state.bytesBetween();
    // Divided, not multiplied: both numbers are the accused's and may be anything.
    boolean possible =
        between == 0
            ? bytes == 0
            : bytes / between >= MIN_ENTRY_BYTES && (bytes - 1) / between < Entry.MAX_BYTES;
    return faultIf(!possible, EntryFault.STATE_WRONG_BYTES);
  }

  private static Optional<EntryFault> neighbours(Entry earlier, Entry later) {
    if (!later.prev().equals(earlier.leafHash())) {
      return Optional.of(EntryFault.WRONG_PREV);
    }
    if (later.body() instanceof GenesisEntry genesis && !goesOn(earlier, genesis)) {
      return Optional.of(EntryFault.GENESIS_WRONG_STATE);
    }
    EntryType.Role before = earlier.type().role();
    boolean batchStarts = earlier.type().completesBatch();
    if (later.type() == EntryType.TICK && !batchStarts) {
      return Optional.of(EntryFault.TICK_MISPLACED);
    }
    boolean followsInput = before == EntryType.Role.INPUT || before == EntryType.Role.OUTPUT;
    return faultIf(
        later.type().role() == EntryType.Role.OUTPUT && !followsInput,
        EntryFault.OUTPUT_WITHOUT_INPUT);
  }

  /**
   * SPEC protocol.md §11.3: a new incarnation goes on with the state that the last one ended on.
   */
  private static boolean goesOn(Entry earlier, GenesisEntry genesis) {
    return earlier.body() instanceof StateEntry end
        && end.stateRoot().equals(genesis.initialStateRoot());
  }

  private static Optional<EntryFault> previousState(Entry earlier, StateEntry state) {
    boolean completes = earlier.type().completesBatch();
    boolean namesNoState = state.previousStateIndex() == earlier.index() && !completes;
    boolean skipsState = state.previousStateIndex() < earlier.index() && completes;
    return faultIf(namesNoState || skipsState, EntryFault.STATE_WRONG_PREVIOUS);
  }

  private static Optional<EntryFault> sequence(SendEntry first, SendEntry second) {
    boolean sameChannel = first.toNode().equals(second.toNode());
    if (!sameChannel || second.sequence() > first.sequence()) {
      return Optional.empty();
    }
    return Optional.of(
        second.sequence() == first.sequence()
            ? EntryFault.SEQUENCE_USED_TWICE
            : EntryFault.SEQUENCE_BACKWARDS);
  }

  private static Optional<EntryFault> faultIf(boolean broken, EntryFault fault) {
    return broken ? Optional.of(fault) : Optional.empty();
  }
}
