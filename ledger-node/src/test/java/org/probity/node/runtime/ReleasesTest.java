package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** SPEC protocol.md §11.4: what rests on more of the log than is witnessed waits, in its order. */
class ReleasesTest {
  private final List<String> left = new ArrayList<>();

  @Test
  void whereNothingWaitsAllLeavesAtOnce() {
    Releases releases = Releases.recorded();
    releases.at(42, () -> left.add("forty-two"));
    assertTrue(releases.isOpen(Long.MAX_VALUE));
    assertEquals(List.of("forty-two"), left);
  }

  @Test
  void whatWaitsLeavesWhenSoMuchIsWitnessedAndNotAnEntryEarlier() {
    Releases releases = Releases.witnessed();
    releases.witnessed(40);
    releases.at(40, () -> left.add("forty"));
    releases.at(42, () -> left.add("first"));
    releases.at(41, () -> left.add("forty-one"));
    releases.at(42, () -> left.add("second"));
    assertEquals(List.of("forty"), left);

    releases.witnessed(41);
    assertFalse(releases.isOpen(42));
    assertEquals(List.of("forty", "forty-one"), left);
    releases.witnessed(50);
    assertEquals(List.of("forty", "forty-one", "first", "second"), left);
    // Witnesses of other seats may know less.
    releases.witnessed(3);
    assertTrue(releases.isOpen(50));
  }

  /** A release that goes on to another: what it makes is of what it was told. */
  @Test
  void whatOneMakesAnotherDoOfTheSameSizeIsDoneToo() {
    Releases releases = Releases.witnessed();
    releases.at(
        2,
        () -> {
          left.add("told");
          releases.at(2, () -> left.add("sent"));
          releases.at(3, () -> left.add("never"));
        });
    releases.witnessed(2);
    assertEquals(List.of("told", "sent"), left);
  }
}
