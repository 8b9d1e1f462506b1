package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.probity.node.http.wire.LogFrame;

/** What all wards' unfinished ranges hold together, and who loses when it is too much. */
class PartialBudgetTest {
  private final PartialBudget budget = new PartialBudget(100);
  private final List<String> dropped = new ArrayList<>();

  private boolean holds(String ward, long bytes) {
    return budget.holds(ward, bytes, () -> dropped.add(ward));
  }

  @Test
  void admitsUpToTheLimitAndNotOneByteMore() {
    assertTrue(holds("a", 60));
    assertTrue(holds("b", 40));
    assertTrue(holds("a", 59));
    assertTrue(holds("b", 41));
    assertEquals(List.of(), dropped);
    assertTrue(holds("b", 42));
    assertEquals(List.of("a"), dropped);
  }

  @Test
  void whoHoldsMostLosesItsOwnAndNobodyElse() {
    assertTrue(holds("a", 30));
    assertTrue(holds("b", 20));
    assertFalse(holds("c", 51));
    assertEquals(List.of(), dropped);
    // It holds nothing now: the room is there again.
    assertTrue(holds("b", 70));
  }

  @Test
  void whoHoldsLessTakesTheRoomOfWhoHoldsMost() {
    assertTrue(holds("liar", 90));
    assertTrue(holds("honest", 20));
    assertEquals(List.of("liar"), dropped);
    assertTrue(holds("honest", 100));
    assertEquals(List.of("liar"), dropped);
  }

  @Test
  void aloneItIsBoundedAsWell() {
    assertTrue(holds("a", 100));
    assertFalse(holds("a", 101));
    assertEquals(List.of(), dropped);
    assertTrue(holds("a", 100));
  }

  @Test
  void whatIsFinishedHoldsNothing() {
    assertTrue(holds("a", 100));
    budget.nothing("a");
    assertTrue(holds("b", 100));
    assertEquals(List.of(), dropped);
  }

  /** Otherwise a witness with a small heap could not follow a correct ward. */
  @Test
  void aCorrectWardsRangeFitsEveryHeap() {
    long commitBytes = 8 << 20;
    assertTrue(PartialBudget.MIN_BYTES >= LogRanges.MAX_BYTES + commitBytes + LogFrame.MAX_BYTES);
  }
}
