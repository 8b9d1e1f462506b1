package org.probity.detector.evidence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.probity.detector.Seeded;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.Entry;
import org.probity.detector.log.EntryRules;
import org.probity.detector.log.StateEntry;
import org.probity.detector.log.TickEntry;

/** The rule behind state_wrong_bytes: what some entries of a batch say about the length of it. */
class StateLengthTest {
  private static final long PREVIOUS = 4;
  private static final int MIN = EntryRules.MIN_ENTRY_BYTES;
  private static final int MAX = Entry.MAX_BYTES;

  @Test
  void allEntriesFixTheSum() {
    assertFalse(contradicts(150, 2, 100, 50));
    assertTrue(contradicts(149, 2, 100, 50));
    assertTrue(contradicts(151, 2, 100, 50));
    // What STATE shows alone takes no other entry.
    assertFalse(contradicts(0, 2, 100, 50));
    assertFalse(contradicts(Long.MAX_VALUE, 2, 100, 50));
  }

  @Test
  void someEntriesBoundIt() {
    assertFalse(contradicts(1_000 + 2L * MIN, 3, 1_000));
    assertTrue(contradicts(1_000 + 2L * MIN - 1, 3, 1_000));
    assertFalse(contradicts(40 + 2L * MAX, 3, 40));
    assertTrue(contradicts(40 + 2L * MAX + 1, 3, 40));
    assertTrue(contradicts(999, 3, 1_000));
    assertTrue(contradicts(1_000, 3, 1_000));
  }

  @Test
  void everyEntryShownIsNeeded() {
    // The large one alone says it all; the small one alone says nothing.
    assertTrue(contradicts(500, 3, 1_000));
    assertFalse(contradicts(500, 3, 1_000, 60));
    assertFalse(contradicts(500, 3, 60));
  }

  @Test
  void onlyEntriesOfTheBatchCount() {
    Entry end = end(3, 500);
    assertTrue(StateLength.contradicts(List.of(exhibit(5, 1_000), exhibit(8, 100)), end));
    assertFalse(StateLength.contradicts(List.of(exhibit(4, 1_000), exhibit(8, 100)), end));
    assertFalse(StateLength.contradicts(List.of(exhibit(8, 100)), end));
    Entry tick = Entry.of(8, Hash.sha256(), new TickEntry(1));
    assertFalse(StateLength.contradicts(List.of(exhibit(5, 1_000), exhibit(8, 100)), tick));
  }

  @Test
  void selectsWhatContradictsAndNothingForTheTruth() {
    Seeded.run(
        2_000,
        random -> {
          List<Exhibit> between = new ArrayList<>();
          int count = 1 + random.nextInt(31);
          long sum = 0;
          for (int i = 0; i < count; i++) {
            int size = MIN + random.nextInt(random.nextInt(10) == 0 ? MAX - MIN + 1 : 400);
            between.add(exhibit(PREVIOUS + 1 + i, size));
            sum += size;
          }
          long stated =
              switch (random.nextInt(4)) {
                case 0 -> sum;
                case 1 -> sum + random.nextInt(-3, 4);
                case 2 -> random.nextLong(2 * sum);
                default -> Seeded.magnitude(random);
              };
          Entry end = end(count, Math.max(0, stated));
          Optional<List<Long>> selected =
              StateLength.select(
                  between.stream()
                      .map(it -> new StateLength.Sized(it.index(), it.bytes().size()))
                      .toList(),
                  end);
          assertEquals(stated != sum, selected.isPresent());
          if (selected.isPresent() && selected.get().size() > 1) {
            List<Exhibit> shown = new ArrayList<>();
            between.stream()
                .filter(exhibit -> selected.get().contains(exhibit.index()))
                .forEach(shown::add);
            shown.add(exhibit(end.index(), 100));
            assertEquals(selected.get(), shown.stream().map(Exhibit::index).toList());
            assertTrue(StateLength.contradicts(shown, end), end + " by " + selected.get());
          }
        });
  }

  /** A batch of so many entries, of which the first ones are shown. */
  private static boolean contradicts(long stated, int entries, int... shown) {
    List<Exhibit> exhibits = new ArrayList<>();
    for (int size : shown) {
      exhibits.add(exhibit(PREVIOUS + 1 + exhibits.size(), size));
    }
    exhibits.add(exhibit(PREVIOUS + 1 + entries, 100));
    return StateLength.contradicts(exhibits, end(entries, stated));
  }

  private static Entry end(int entries, long stated) {
    return Entry.of(
        PREVIOUS + 1 + entries, Hash.sha256(), new StateEntry(Hash.sha256(), PREVIOUS, stated));
  }

  private static Exhibit exhibit(long index, int size) {
    return new Exhibit(index, Bytes.wrap(new byte[size]));
  }

  @Test
  void theSmallestEntryIsAsSmallAsTheRuleSays() {
    assertEquals(MIN, Entry.of(0, Hash.sha256(), new TickEntry(0)).bytes().size());
    assertEquals(39, MIN);
  }
}
