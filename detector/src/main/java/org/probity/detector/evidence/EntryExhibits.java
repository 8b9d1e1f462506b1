package org.probity.detector.evidence;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.governance.Incarnations;
import org.probity.detector.log.Entry;
import org.probity.detector.log.EntryFault;
import org.probity.detector.log.EntryRules;
import org.probity.detector.log.EntryType;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.SendEntry;
import org.probity.detector.log.StateEntry;
import org.probity.detector.log.TickEntry;

/**
 * Which entries show a fault that was found while reading a log: the other half of judging
 * INVALID_ENTRY, by the same rules. The entries before the fault have been read and found without
 * any.
 *
 * <p>Whoever lies once may lie again a few entries on, and one lie must not hide another: what is
 * returned are alternatives, the most likely first, and the verifier has the last word on each.
 *
 * <p>Most faults take the entry itself or that and its neighbour. The clock and the channels look
 * back for the entry that is contradicted, at most {@link #MAX_LOOK_BACK} entries; a batch that is
 * too large is shown by the STATE that ends it, which may still have to come, and is read once,
 * entry by entry.
 */
public final class EntryExhibits {
  /**
   * Entries looked at for an earlier one that contradicts the fault. What lies further back takes
   * an execution to show, so a long log does not make its own audit expensive.
   */
  public static final long MAX_LOOK_BACK = 1 << 16;

  private final EvidenceVerifier.LogCheck check;
  private final LogReader log;
  private final long size;

  /**
   * @param verifier who will judge
   * @param writers whose log it is
   * @param size entries of the log to look at: no more than the checkpoint covers
   */
  public EntryExhibits(EvidenceVerifier verifier, Incarnations writers, LogReader log, long size) {
    this.check = verifier.checkOf(writers);
    this.log = log;
    this.size = size;
  }

  /** What {@link EvidenceBuilder#invalidEntry} wants to know. */
  public record Selection(String code, List<Long> indices) {
    public Selection {
      indices = List.copyOf(indices);
    }

    static Selection of(EntryFault fault, Long... indices) {
      return new Selection(fault.code(), List.of(indices));
    }
  }

  /**
   * Entries that show the fault, or another one on the way to it; nothing if they are not all
   * there.
   *
   * @param code as {@link EntryCheck} or the log's grammar names it
   * @param index where it was found
   * @param batchStart the last STATE or GENESIS before
   */
  public List<Selection> select(String code, long index, long batchStart) {
    if (index >= size) {
      return List.of();
    }
    Optional<Selection> alone = alone(index);
    if (alone.isPresent()) {
      return List.of(alone.get());
    }
    return switch (code) {
      case "wrong_prev", "genesis_wrong_state", "tick_misplaced", "output_without_input" ->
          List.of(new Selection(code, List.of(index - 1, index)));
      case "tick_backwards" -> laterTick(index).stream().toList();
      case "sequence_used_twice" -> sameSequence(index).stream().toList();
      case "state_wrong_previous", "state_wrong_bytes" -> lyingState(index, batchStart);
      case "batch_too_large" -> tooLarge(index, batchStart);
      default -> List.of(new Selection(code, List.of(index)));
    };
  }

  /** The checkpoint over the first {@code size} entries, if its last entry completes no batch. */
  public static Optional<Selection> misplacedCheckpoint(LogReader log, long size) {
    Bytes last = log.entry(size - 1);
    if (Entry.typeOf(last).filter(EntryType::completesBatch).isPresent()) {
      return Optional.empty();
    }
    return decode(last)
        .flatMap(EntryRules::lastOfCheckpoint)
        .map(fault -> Selection.of(fault, size - 1));
  }

  /** The same of an AUDIT over the first {@code size} entries. */
  public static Optional<Selection> misplacedAudit(LogReader log, long size) {
    return misplacedCheckpoint(log, size)
        .map(it -> new Selection(FalseAuditJudge.NOT_ON_STATE, it.indices()));
  }

  private Optional<Selection> alone(long index) {
    return check.alone(index, log.entry(index)).map(code -> new Selection(code, List.of(index)));
  }

  private Optional<Selection> laterTick(long index) {
    long millis = entry(index).map(Entry::body).map(TickEntry.class::cast).orElseThrow().millis();
    return lastBefore(index, TickEntry.class, tick -> tick.millis() > millis)
        .map(earlier -> Selection.of(EntryFault.TICK_BACKWARDS, earlier, index));
  }

  private Optional<Selection> sameSequence(long index) {
    SendEntry send = entry(index).map(Entry::body).map(SendEntry.class::cast).orElseThrow();
    return lastBefore(
            index,
            SendEntry.class,
            other -> other.toNode().equals(send.toNode()) && other.sequence() == send.sequence())
        .map(earlier -> Selection.of(EntryFault.SEQUENCE_USED_TWICE, earlier, index));
  }

  private List<Selection> lyingState(long index, long batchStart) {
    Entry entry = entry(index).orElseThrow();
    StateEntry state = (StateEntry) entry.body();
    return state.previousStateIndex() == batchStart
        ? wrongBytes(entry, batchStart).stream().toList()
        : List.of(wrongPrevious(index, state, batchStart));
  }

  /** It names something inside its batch, or passes over the STATE before it. */
  private static Selection wrongPrevious(long index, StateEntry state, long batchStart) {
    long witness = Math.max(state.previousStateIndex(), batchStart);
    return Selection.of(EntryFault.STATE_WRONG_PREVIOUS, witness, index);
  }

  private Optional<Selection> wrongBytes(Entry state, long batchStart) {
    List<StateLength.Sized> between =
        LongStream.range(batchStart + 1, state.index())
            .mapToObj(at -> new StateLength.Sized(at, log.entry(at).size()))
            .toList();
    return StateLength.select(between, state)
        .map(shown -> new Selection(EntryFault.STATE_WRONG_BYTES.code(), shown));
  }

  /**
   * The two inputs and the STATE of a batch that is too large, by what the STATE states itself; or
   * what is wrong with an entry on the way there; or that it states too little.
   */
  private List<Selection> tooLarge(long index, long batchStart) {
    long end = index;
    while (!isState(end)) {
      end++;
      if (end == size) {
        return misplacedCheckpoint(log, size).stream().toList();
      }
      Optional<Selection> broken = brokenAt(end);
      if (broken.isPresent()) {
        return List.of(broken.get());
      }
    }
    Entry last = entry(end).orElseThrow();
    StateEntry state = (StateEntry) last.body();
    if (state.previousStateIndex() != batchStart) {
      return List.of(wrongPrevious(end, state, batchStart));
    }
    List<Selection> alternatives = new ArrayList<>();
    alternatives.add(new Selection(EntryFault.BATCH_TOO_LARGE.code(), twoInputs(batchStart, end)));
    if (end - batchStart <= MAX_LOOK_BACK) {
      // A longer one is too large by the number of its entries, which no STATE can lie about.
      wrongBytes(last, batchStart).ifPresent(alternatives::add);
    }
    return alternatives;
  }

  private List<Long> twoInputs(long batchStart, long end) {
    List<Long> shown = new ArrayList<>();
    for (long at = batchStart + 1; at < end && shown.size() < 2; at++) {
      if (entry(at).filter(read -> read.type().role() == EntryType.Role.INPUT).isPresent()) {
        shown.add(at);
      }
    }
    shown.add(end);
    return shown;
  }

  /** What is wrong with an entry beyond the one that made its batch too large. */
  private Optional<Selection> brokenAt(long at) {
    return alone(at)
        .or(
            () ->
                EntryRules.pair(entry(at - 1).orElseThrow(), entry(at).orElseThrow())
                    .map(fault -> Selection.of(fault, at - 1, at)));
  }

  private boolean isState(long index) {
    return entry(index).filter(read -> read.type() == EntryType.STATE).isPresent();
  }

  private <T> Optional<Long> lastBefore(long index, Class<T> type, Predicate<T> test) {
    return LongStream.iterate(
            index - 1, at -> at >= Math.max(0, index - MAX_LOOK_BACK), at -> at - 1)
        .filter(
            at ->
                entry(at)
                    .map(Entry::body)
                    .filter(type::isInstance)
                    .map(type::cast)
                    .filter(test)
                    .isPresent())
        .boxed()
        .findFirst();
  }

  private Optional<Entry> entry(long index) {
    return decode(log.entry(index));
  }

  private static Optional<Entry> decode(Bytes encoded) {
    try {
      return Optional.of(Entry.decode(encoded));
    } catch (DecodeException e) {
      return Optional.empty();
    }
  }
}
