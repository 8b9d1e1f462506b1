package org.probity.detector.evidence;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.log.Entry;
import org.probity.detector.log.EntryFault;
import org.probity.detector.log.EntryRules;
import org.probity.detector.log.EntryType;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.Origin;
import org.probity.detector.log.SendEntry;
import org.probity.detector.log.StateEntry;
import org.probity.detector.log.TickEntry;

/**
 * Which entries show a fault that was found while reading a log: the other half of judging
 * INVALID_ENTRY. The entries before the fault have been read and found without any.
 *
 * <p>Most faults take the entry itself or that and its neighbour. The clock and the channels look
 * back for the entry that is contradicted, at worst through the whole log; a batch that is too
 * large is shown by the STATE that ends it, which may still have to come.
 */
public final class EntryExhibits {
  private final Origin origin;
  private final LogReader log;
  private final long size;

  /**
   * @param size entries of the log to look at: no more than the checkpoint covers
   */
  public EntryExhibits(Origin origin, LogReader log, long size) {
    this.origin = origin;
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
   * The entries that show the fault; nothing if they are not all there yet.
   *
   * @param code as {@link EntryCheck} or the log's grammar names it
   * @param index where it was found
   * @param batchStart the last STATE or GENESIS before
   */
  public Optional<Selection> select(String code, long index, long batchStart) {
    if (index >= size) {
      return Optional.empty();
    }
    Optional<EntryFault> alone = EntryRules.alone(origin, index, log.entry(index));
    if (alone.isPresent()) {
      return Optional.of(Selection.of(alone.get(), index));
    }
    Selection itself = new Selection(code, List.of(index));
    return switch (code) {
      case "wrong_prev", "tick_misplaced", "output_without_input" ->
          Optional.of(new Selection(code, List.of(index - 1, index)));
      case "tick_backwards" -> laterTick(index);
      case "sequence_used_twice" -> sameSequence(index);
      case "state_wrong_previous", "state_wrong_bytes" -> lyingState(index, batchStart);
      case "batch_too_large" -> tooLarge(index, batchStart);
      default -> Optional.of(itself);
    };
  }

  /** The checkpoint over the first {@code size} entries, if its last entry completes no batch. */
  public Optional<Selection> misplacedCheckpoint() {
    return entry(size - 1)
        .flatMap(EntryRules::lastOfCheckpoint)
        .map(fault -> Selection.of(fault, size - 1));
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
            other ->
                other.toNode().equals(send.toNode())
                    && other.toIncarnation() == send.toIncarnation()
                    && other.sequence() == send.sequence())
        .map(earlier -> Selection.of(EntryFault.SEQUENCE_USED_TWICE, earlier, index));
  }

  private Optional<Selection> lyingState(long index, long batchStart) {
    Entry entry = entry(index).orElseThrow();
    StateEntry state = (StateEntry) entry.body();
    if (state.previousStateIndex() != batchStart) {
      // It names something inside its batch, or passes over the STATE before it.
      long witness = Math.max(state.previousStateIndex(), batchStart);
      return Optional.of(Selection.of(EntryFault.STATE_WRONG_PREVIOUS, witness, index));
    }
    List<Exhibit> between =
        LongStream.range(batchStart + 1, index)
            .mapToObj(at -> new Exhibit(at, log.entry(at)))
            .toList();
    return StateLength.select(between, entry)
        .map(shown -> new Selection(EntryFault.STATE_WRONG_BYTES.code(), shown));
  }

  /** The two inputs and the STATE of a batch that is too large, or the lie this STATE tells. */
  private Optional<Selection> tooLarge(long index, long batchStart) {
    long end = index;
    while (!isState(end)) {
      end++;
      if (end == size) {
        return misplacedCheckpoint();
      }
      Optional<Selection> worse = brokenAt(end);
      if (worse.isPresent()) {
        return worse;
      }
    }
    Optional<Selection> lie = lyingState(end, batchStart);
    if (lie.isPresent()) {
      return lie;
    }
    List<Long> shown = new ArrayList<>();
    for (long at = batchStart + 1; at < end && shown.size() < 2; at++) {
      if (entry(at).filter(read -> read.type().role() == EntryType.Role.INPUT).isPresent()) {
        shown.add(at);
      }
    }
    shown.add(end);
    return Optional.of(new Selection(EntryFault.BATCH_TOO_LARGE.code(), shown));
  }

  /** What is wrong with an entry beyond the one that made its batch too large. */
  private Optional<Selection> brokenAt(long at) {
    Optional<EntryFault> alone = EntryRules.alone(origin, at, log.entry(at));
    if (alone.isPresent()) {
      return Optional.of(Selection.of(alone.get(), at));
    }
    return EntryRules.pair(entry(at - 1).orElseThrow(), entry(at).orElseThrow())
        .map(fault -> Selection.of(fault, at - 1, at));
  }

  private boolean isState(long index) {
    return entry(index).filter(read -> read.type() == EntryType.STATE).isPresent();
  }

  private <T> Optional<Long> lastBefore(long index, Class<T> type, Predicate<T> test) {
    return LongStream.iterate(index - 1, at -> at >= 0, at -> at - 1)
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
    try {
      return Optional.of(Entry.decode(log.entry(index)));
    } catch (DecodeException e) {
      return Optional.empty();
    }
  }
}
