package org.probity.detector.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.probity.detector.codec.Bytes;

/** protocol.md §9, rule by rule; the theorem itself is {@link AuditScheduleTheoremTest}'s. */
class AuditScheduleTest {
  private static final Bytes SECRET = Bytes.wrap(new byte[AuditSchedule.SECRET_BYTES]);

  /** Floor and score lane have one slot per round each; chunks of 10 entries, batches of 4. */
  private static AuditSchedule oneAndOne(int coolDownRounds) {
    return AuditSchedule.create(new AuditBudget(2, 10, 4, 1, 2, 3, coolDownRounds, 0.98), SECRET);
  }

  private static AuditSchedule floorOnly(int slots) {
    return AuditSchedule.create(new AuditBudget(slots, 10, 4, 1, 1, 3, 3, 0.98), SECRET);
  }

  @Test
  void shouldFillTheNewestUnstartedChunk() {
    AuditSchedule schedule = floorOnly(1);
    for (long size : new long[] {3, 7, 9, 13}) {
      schedule.arrived("a", size);
    }

    assertEquals(new AuditLag(13, 2, 0), schedule.lag("a"));
    assertEquals(List.of(new AuditSlot("a", 0, 9, AuditLane.FLOOR, 0)), schedule.round());
    assertEquals(List.of(new AuditSlot("a", 9, 13, AuditLane.FLOOR, 1)), schedule.round());
    assertEquals(List.of(), schedule.round());
  }

  @Test
  void shouldNotAddToAChunkThatIsBeingAudited() {
    AuditSchedule schedule = floorOnly(1);
    schedule.arrived("a", 3);
    schedule.round();
    schedule.arrived("a", 5);

    assertEquals(List.of(new AuditSlot("a", 3, 5, AuditLane.FLOOR, 0)), schedule.round());
  }

  @Test
  void shouldCutOnlyWhatIsLargerThanABatchMayBe() {
    AuditSchedule schedule = floorOnly(9);
    schedule.arrived("a", 4);
    schedule.arrived("a", 27);

    assertEquals(
        List.of(10L, 20L, 27L), schedule.round().stream().map(AuditSlot::toIndex).toList());
  }

  @Test
  void shouldServeWhatCameFirst() {
    AuditSchedule schedule = floorOnly(1);
    schedule.arrived("late", 0);
    schedule.arrived("b", 1);
    schedule.round();
    schedule.arrived("b", 2);
    schedule.round();
    schedule.arrived("c", 1);
    schedule.arrived("b", 5);
    schedule.arrived("d", 1);
    schedule.round();
    schedule.arrived("a", 1);

    List<String> order = new ArrayList<>();
    for (int round = 0; round < 3; round++) {
      schedule.round().forEach(slot -> order.add(slot.ward()));
    }
    assertEquals("a", order.get(2), "came last");
  }

  @Test
  void shouldCountOutTheFloorShareExactly() {
    AuditSchedule schedule =
        AuditSchedule.create(new AuditBudget(3, 1, 1, 3, 4, 3, 0, 0.98), SECRET);
    List<Integer> floor = new ArrayList<>();
    for (int round = 0; round < 8; round++) {
      floor.add(schedule.floorSlots());
    }

    // floor(9/4 (e+1)) - floor(9/4 e)
    assertEquals(List.of(2, 2, 2, 3, 2, 2, 2, 3), floor);
  }

  @Test
  void shouldSayWhyASlotWasGiven() {
    AuditSchedule schedule = oneAndOne(3);
    schedule.arrived("old", 4);
    schedule.arrived("older", 4);
    schedule.round();
    schedule.arrived("old", 8);
    schedule.arrived("older", 8);
    schedule.arrived("suspicious", 4);
    schedule.priority("suspicious", 3.1);

    List<AuditSlot> slots = schedule.round();

    assertEquals("suspicious", slots.get(0).ward());
    assertEquals(AuditLane.SCORE, slots.get(0).lane());
    assertEquals(AuditLane.FLOOR, slots.get(1).lane());
  }

  @Test
  void shouldPutWhatAPersonAsksForFirstInTheScoreLaneOfOneRound() {
    AuditSchedule schedule = oneAndOne(3);
    for (String ward : List.of("a", "b", "c")) {
      schedule.arrived(ward, 4);
    }
    schedule.round();
    for (String ward : List.of("a", "b", "c", "asked")) {
      schedule.arrived(ward, 30);
      schedule.priority(ward, ward.equals("asked") ? 0 : 20);
    }
    schedule.ask("asked");
    schedule.ask("nobody");

    AuditSlot first = schedule.round().get(0);

    assertEquals("asked", first.ward());
    assertEquals(AuditLane.SCORE, first.lane());
    schedule.done("asked", first.toIndex(), true);
    schedule.priority("asked", 3.1);
    assertEquals(
        "asked",
        schedule.round().get(0).ward(),
        "being asked for costs no cool-down and no discount");
    schedule.ask("asked");
    schedule.hold("asked");
    schedule.priority("asked", 20);
    schedule.round().forEach(slot -> assertNotEquals("asked", slot.ward()));
  }

  @ParameterizedTest
  @ValueSource(
      doubles = {
        3,
        0,
        -1,
        Double.NaN,
        Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY,
        Double.MIN_VALUE,
        -0.0
      })
  void shouldSpillToTheFloorWhatNoScoreClaims(double score) {
    AuditSchedule schedule = oneAndOne(3);
    for (String ward : List.of("a", "b", "c")) {
      schedule.arrived(ward, 4);
      schedule.priority(ward, score);
    }

    assertEquals(
        List.of(AuditLane.FLOOR, AuditLane.FLOOR),
        schedule.round().stream().map(AuditSlot::lane).toList());
  }

  @Test
  void shouldTakeAModelThatThrowsForOneThatIsMissing() {
    Priority broken =
        Priority.from(
            () -> {
              throw new IllegalStateException("no model");
            });

    assertEquals(0, broken.value());
    assertEquals(4, Priority.from(() -> 4).value());
    assertEquals(Priority.MAX, Priority.of(Double.MAX_VALUE).value());
  }

  @Test
  void shouldForgetAPriorityAfterOneRound() {
    AuditSchedule schedule = oneAndOne(0);
    schedule.priority("a", 20); // not a ward yet
    schedule.watch("a", 0);
    schedule.priority("a", 20);
    schedule.round();
    schedule.arrived("a", 4);

    assertEquals(AuditLane.FLOOR, schedule.round().get(0).lane());
  }

  @Test
  void shouldKeepAWardOutOfTheScoreLaneWhileItCoolsDown() {
    AuditSchedule schedule = oneAndOne(3);
    List<AuditLane> lanes = new ArrayList<>();
    for (int round = 0; round < 9; round++) {
      schedule.arrived("a", 4L * (round + 1));
      schedule.priority("a", 10);
      lanes.add(schedule.round().get(0).lane());
    }

    AuditLane s = AuditLane.SCORE;
    AuditLane f = AuditLane.FLOOR;
    assertEquals(List.of(s, f, f, f, s, f, f, f, s), lanes);
  }

  @Test
  void shouldDiscountTheScoreThatACleanAuditHasRefuted() {
    AuditSchedule schedule = oneAndOne(0);
    schedule.arrived("a", 4);
    schedule.priority("a", 10);
    assertEquals(AuditLane.SCORE, schedule.round().get(0).lane());
    schedule.done("a", 4, true);

    int roundsUntilTheSameScoreCountsAgain = 0;
    AuditLane lane;
    do {
      long size = 4 + 4L * ++roundsUntilTheSameScoreCountsAgain;
      schedule.arrived("a", size);
      schedule.priority("a", 10);
      lane = schedule.round().get(0).lane();
      schedule.done("a", size, true);
    } while (lane == AuditLane.FLOOR);

    // 10 - 10 * 0.98^n > 3 from n = 18 on.
    assertEquals(18, roundsUntilTheSameScoreCountsAgain);
  }

  @Test
  void shouldLetAHigherScoreThroughTheDiscount() {
    AuditSchedule schedule = oneAndOne(0);
    schedule.arrived("a", 4);
    schedule.priority("a", 10);
    schedule.round();
    schedule.done("a", 4, true);
    schedule.arrived("a", 8);
    schedule.priority("a", 13);

    assertEquals(AuditLane.SCORE, schedule.round().get(0).lane());
  }

  @Test
  void shouldNotDiscountForAnAuditOfTheFloor() {
    AuditSchedule schedule = floorOnly(1);
    schedule.arrived("a", 4);
    schedule.priority("a", 10);
    schedule.round();
    schedule.done("a", 4, true);
    AuditSchedule other = oneAndOne(0);
    other.arrived("a", 4);
    other.round();
    other.done("a", 4, true);
    other.arrived("a", 8);
    other.priority("a", 10);

    assertEquals(AuditLane.SCORE, other.round().get(0).lane());
  }

  @Test
  void shouldHaveNothingLeftToAuditAfterAFinding() {
    AuditSchedule schedule = floorOnly(1);
    schedule.arrived("a", 30);
    schedule.round();
    schedule.done("a", 3, false);
    schedule.arrived("a", 40);

    assertEquals(new AuditLag(0, 0, 0), schedule.lag("a"));
    assertEquals(List.of(), schedule.round());
  }

  @Test
  void shouldSkipWhatWasAuditedBeyondItsSlots() {
    AuditSchedule schedule = floorOnly(9);
    schedule.arrived("a", 30);
    schedule.done("a", 12, true);

    assertEquals(
        List.of(
            new AuditSlot("a", 12, 20, AuditLane.FLOOR, 0),
            new AuditSlot("a", 20, 30, AuditLane.FLOOR, 0)),
        schedule.round());
    assertThrows(IllegalArgumentException.class, () -> schedule.done("a", 31, true));
  }

  @Test
  void shouldPutBackWhatCouldNotBeCarriedOut() {
    AuditSchedule schedule = floorOnly(2);
    schedule.arrived("a", 25);
    List<AuditSlot> first = schedule.round();
    schedule.done("a", 10, true);
    schedule.abandoned("a");
    schedule.arrived("b", 4);

    List<AuditSlot> second = schedule.round();

    assertEquals(20, first.get(1).toIndex());
    assertEquals(new AuditSlot("a", 10, 20, AuditLane.FLOOR, 1), second.get(0));
    assertEquals(new AuditSlot("a", 20, 25, AuditLane.FLOOR, 1), second.get(1));
  }

  @Test
  void shouldGiveNoSlotToAWardThatIsHeldAndKeepItsPlace() {
    AuditSchedule schedule = oneAndOne(0);
    schedule.arrived("stuck", 95);
    schedule.round();
    schedule.abandoned("stuck");
    schedule.hold("stuck");
    assertFalse(schedule.isAnythingReady());
    assertEquals(List.of(), schedule.round());
    for (String ward : List.of("a", "b", "c")) {
      schedule.arrived(ward, 4);
      schedule.priority("stuck", 20);
    }
    assertTrue(schedule.isAnythingReady());

    assertEquals(2, schedule.round().size());
    assertEquals(1, schedule.round().size());

    schedule.arrived("d", 4);
    schedule.release("stuck");
    assertEquals(
        List.of("stuck", "stuck"), schedule.round().stream().map(AuditSlot::ward).toList());
  }

  @Test
  void shouldSayByHowMuchTheBoundIsExceeded() {
    AuditSchedule schedule = floorOnly(1);
    schedule.arrived("a", 14);
    schedule.arrived("b", 4);
    // ceil(14 / 7) + ceil(4 / 7) chunks at most, one per round, and one round more.
    assertEquals(4, schedule.boundRounds());
    schedule.hold("a");
    for (int round = 1; round < 4; round++) {
      schedule.round();
      assertEquals(0, schedule.lateRounds("a"), "after round " + round);
    }

    schedule.round();

    assertEquals(1, schedule.lateRounds("a"));
    assertEquals(0, schedule.lateRounds("b"));
    schedule.release("a");
    schedule.round();
    schedule.round();
    assertEquals(0, schedule.lateRounds("a"));
  }

  @Test
  void shouldGoOnWhereAuditsHadComeToBeforeARestart() {
    AuditSchedule schedule = floorOnly(1);
    schedule.watch("a", 100);
    schedule.arrived("a", 104);

    assertEquals(List.of(new AuditSlot("a", 100, 104, AuditLane.FLOOR, 0)), schedule.round());
    schedule.forget("a");
    assertEquals(List.of(), List.copyOf(schedule.wards()));
  }

  @Test
  void shouldOrderWhatArrivesTogetherByTheSecretAlone() {
    List<String> orders = new ArrayList<>();
    for (byte key = 0; key < 8; key++) {
      byte[] secret = new byte[AuditSchedule.SECRET_BYTES];
      secret[31] = key;
      AuditSchedule one = AuditSchedule.create(AuditBudget.of(4, 10, 4), Bytes.wrap(secret));
      AuditSchedule two = AuditSchedule.create(AuditBudget.of(4, 10, 4), Bytes.wrap(secret));
      for (String ward : List.of("a", "b", "c", "d")) {
        one.arrived(ward, 4);
      }
      for (String ward : List.of("d", "b", "a", "c")) {
        two.arrived(ward, 4);
      }
      List<AuditSlot> slots = one.round();
      assertEquals(slots, two.round());
      orders.add(slots.stream().map(AuditSlot::ward).toList().toString());
    }

    assertTrue(orders.stream().distinct().count() > 1, orders.toString());
  }

  @Test
  void shouldRefuseABudgetThatCannotKeepTheBound() {
    assertThrows(IllegalArgumentException.class, () -> AuditBudget.of(1, 10, 11));
    assertThrows(IllegalArgumentException.class, () -> AuditBudget.of(0, 10, 4));
    assertThrows(IllegalArgumentException.class, () -> new AuditBudget(1, 10, 4, 0, 1, 3, 3, 0.98));
    assertThrows(IllegalArgumentException.class, () -> new AuditBudget(1, 10, 4, 2, 1, 3, 3, 0.98));
    assertThrows(
        IllegalArgumentException.class, () -> new AuditBudget(1, 10, 4, 1, 1, Double.NaN, 3, 0.98));
    assertThrows(
        IllegalArgumentException.class,
        () -> AuditSchedule.create(AuditBudget.of(1, 10, 4), Bytes.wrap(new byte[31])));
    assertNotEquals(0, AuditBudget.MAX);
  }
}
