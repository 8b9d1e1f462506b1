package org.probity.detector.evidence;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.probity.detector.log.Entry;
import org.probity.detector.log.EntryRules;
import org.probity.detector.log.StateEntry;

/**
 * Whether a STATE entry lies about the bytes between it and the STATE before, as far as some of the
 * entries in between show (protocol.md §4.3).
 *
 * <p>An entry that is not shown has from {@link EntryRules#MIN_ENTRY_BYTES} to {@link
 * Entry#MAX_BYTES} bytes, so the ones that are shown bound the sum from both sides; all of them fix
 * it. That keeps the proof against an understated batch short however large the batch is.
 */
final class StateLength {
  private StateLength() {}

  /** How long the entry at {@code index} is. */
  record Sized(long index, int bytes) {}

  /**
   * Whether {@code end} is a STATE that the others contradict; true only if every single one of
   * them is needed for that. Linear.
   *
   * @param exhibits ascending; the last is {@code end}
   */
  static boolean contradicts(List<Exhibit> exhibits, Entry end) {
    if (!(end.body() instanceof StateEntry state)) {
      return false;
    }
    List<Exhibit> shown = exhibits.subList(0, exhibits.size() - 1);
    if (shown.isEmpty() || shown.get(0).index() <= state.previousStateIndex()) {
      return false;
    }
    // Neither overflows: the shown bytes are in memory, and the entries between are indices.
    long hidden = end.index() - state.previousStateIndex() - 1 - shown.size();
    long shownBytes = shown.stream().mapToLong(exhibit -> exhibit.bytes().size()).sum();
    return isImpossible(state.bytesBetween(), shownBytes, hidden)
        && shown.stream()
            .mapToLong(exhibit -> exhibit.bytes().size())
            .noneMatch(size -> isImpossible(state.bytesBetween(), shownBytes - size, hidden + 1));
  }

  /**
   * The fewest exhibits that, with {@code end}, contradict what it states: the largest ones if it
   * states too little, the smallest if too much. Nothing if it states the truth.
   *
   * @param between all entries between {@code end} and the STATE before it
   * @return indices, the last is that of {@code end}
   */
  static Optional<List<Long>> select(List<Sized> between, Entry end) {
    long stated = ((StateEntry) end.body()).bytesBetween();
    long sum = between.stream().mapToLong(Sized::bytes).sum();
    if (stated == sum) {
      return Optional.empty();
    }
    Comparator<Sized> bySize = Comparator.comparingInt(Sized::bytes);
    List<Sized> order = new ArrayList<>(between);
    order.sort(stated < sum ? bySize.reversed() : bySize);
    long shownBytes = 0;
    int shown = 0;
    while (!isImpossible(stated, shownBytes, between.size() - shown)) {
      shownBytes += order.get(shown).bytes();
      shown++;
    }
    return Optional.of(
        Stream.concat(
                order.subList(0, shown).stream().map(Sized::index).sorted(), Stream.of(end.index()))
            .toList());
  }

  /** Whether the stated sum cannot be that of the shown bytes and so many hidden entries. */
  private static boolean isImpossible(long stated, long shownBytes, long hidden) {
    long rest = stated - shownBytes;
    if (hidden == 0) {
      return rest != 0;
    }
    // Divided, not multiplied: both numbers are the accused's and may be anything.
    return rest < 0
        || rest / hidden < EntryRules.MIN_ENTRY_BYTES
        || (rest - 1) / hidden >= Entry.MAX_BYTES;
  }
}
