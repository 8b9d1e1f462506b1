package org.probity.detector.log;

import java.util.OptionalLong;
import org.probity.detector.crypto.Hash;

/**
 * The form of a log, read entry by entry: {@code GENESIS (TICK? (input output*)* STATE)*} with its
 * chain, its clock and its limits (protocol §4.3).
 *
 * <p>An immutable position in that grammar. {@link #accept} looks at one entry and says either how
 * to go on or which fault it is; it reads no body but TICK's and STATE's. Checks stand in a fixed
 * order, so two auditors name the same fault. Constant cost per entry.
 *
 * <pre>{@code
 * 0 GENESIS
 * 1 TICK         starts a batch
 * 2 TRANSACTION  input
 * 3 SEND         its output
 * 4 STATE        previousStateIndex 0, bytesBetween = bytes of 1, 2 and 3: a checkpoint may end here
 * }</pre>
 */
public final class BatchGrammar {
  private final BatchLimits limits;
  private final Hash expectedPrev;
  private final long nextIndex;
  private final OptionalLong lastTickMillis;
  private final long batchStart;
  private final long batchBytes;
  private final int batchInputs;
  private final EntryType.Role lastRole;

  private BatchGrammar(
      BatchLimits limits,
      Hash expectedPrev,
      long nextIndex,
      OptionalLong lastTickMillis,
      long batchStart,
      long batchBytes,
      int batchInputs,
      EntryType.Role lastRole) {
    this.limits = limits;
    this.expectedPrev = expectedPrev;
    this.nextIndex = nextIndex;
    this.lastTickMillis = lastTickMillis;
    this.batchStart = batchStart;
    this.batchBytes = batchBytes;
    this.batchInputs = batchInputs;
    this.lastRole = lastRole;
  }

  /** After {@code genesis}, which {@link EntryRules#alone} has accepted as entry 0. */
  public static BatchGrammar afterGenesis(Entry genesis, BatchLimits limits) {
    return after(genesis, OptionalLong.empty(), limits);
  }

  /**
   * After any GENESIS or STATE: where an audit from the middle of a log begins.
   *
   * @param lastTickMillis the last TICK before, if the caller knows it; without it the first TICK
   *     read is not compared
   */
  public static BatchGrammar after(
      Entry stateOrGenesis, OptionalLong lastTickMillis, BatchLimits limits) {
    if (!stateOrGenesis.type().completesBatch()) {
      throw new IllegalArgumentException("no batch ends with " + stateOrGenesis);
    }
    return new BatchGrammar(
        limits,
        stateOrGenesis.leafHash(),
        stateOrGenesis.index() + 1,
        lastTickMillis,
        stateOrGenesis.index() + 1,
        0,
        0,
        EntryType.Role.END);
  }

  /** The index of the entry that has to come next. */
  public long nextIndex() {
    return nextIndex;
  }

  /** The leaf hash that the next entry has to name as its {@code prev}. */
  public Hash expectedPrev() {
    return expectedPrev;
  }

  /** Whether a checkpoint may end here: the entry read last was STATE or GENESIS. */
  public boolean isBatchComplete() {
    return lastRole == EntryType.Role.END;
  }

  /** The last TICK, if there was one. */
  public OptionalLong lastTickMillis() {
    return lastTickMillis;
  }

  /** Index of the STATE or GENESIS that the next STATE has to name. */
  public long previousStateIndex() {
    return batchStart - 1;
  }

  /** Bytes of the entries since then, which the next STATE has to name. */
  public long batchBytes() {
    return batchBytes;
  }

  public GrammarVerdict accept(Entry entry) {
    if (entry.index() != nextIndex) {
      return broken(EntryFault.WRONG_INDEX);
    }
    if (!entry.prev().equals(expectedPrev)) {
      return broken(EntryFault.WRONG_PREV);
    }
    return switch (entry.type().role()) {
      case START -> begin(entry);
      case CLOCK -> tick(entry, ((TickEntry) entry.body()).millis());
      case INPUT -> grow(entry, lastTickMillis, batchInputs + 1);
      case OUTPUT -> output(entry);
      case END -> state(entry, (StateEntry) entry.body());
    };
  }

  /** Where another incarnation may begin is not for the grammar to say. */
  private GrammarVerdict begin(Entry genesis) {
    return isBatchComplete()
        ? new GrammarVerdict.Fits(after(genesis, lastTickMillis, limits))
        : broken(EntryFault.GENESIS_MISPLACED);
  }

  private GrammarVerdict tick(Entry entry, long millis) {
    if (!isBatchComplete()) {
      return broken(EntryFault.TICK_MISPLACED);
    }
    if (lastTickMillis.isPresent() && millis < lastTickMillis.getAsLong()) {
      return broken(EntryFault.TICK_BACKWARDS);
    }
    return grow(entry, OptionalLong.of(millis), batchInputs);
  }

  private GrammarVerdict output(Entry entry) {
    return batchInputs == 0
        ? broken(EntryFault.OUTPUT_WITHOUT_INPUT)
        : grow(entry, lastTickMillis, batchInputs);
  }

  private GrammarVerdict state(Entry entry, StateEntry body) {
    if (body.previousStateIndex() != previousStateIndex()) {
      return broken(EntryFault.STATE_WRONG_PREVIOUS);
    }
    if (body.bytesBetween() != batchBytes) {
      return broken(EntryFault.STATE_WRONG_BYTES);
    }
    if (exceedsLimits(entry, batchInputs)) {
      return broken(EntryFault.BATCH_TOO_LARGE);
    }
    return new GrammarVerdict.Fits(after(entry, lastTickMillis, limits));
  }

  private GrammarVerdict grow(Entry entry, OptionalLong tickMillis, int inputs) {
    if (exceedsLimits(entry, inputs)) {
      return broken(EntryFault.BATCH_TOO_LARGE);
    }
    return new GrammarVerdict.Fits(
        new BatchGrammar(
            limits,
            entry.leafHash(),
            nextIndex + 1,
            tickMillis,
            batchStart,
            batchBytes + entry.bytes().size(),
            inputs,
            entry.type().role()));
  }

  private boolean exceedsLimits(Entry entry, int inputs) {
    // SPEC protocol.md §4.3: at most K entries and M bytes per batch.
    return limits.isBrokenBy(inputs, nextIndex + 1 - batchStart, batchBytes + entry.bytes().size());
  }

  private GrammarVerdict broken(EntryFault fault) {
    return new GrammarVerdict.Broken(nextIndex, fault);
  }
}
