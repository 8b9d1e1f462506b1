package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.probity.detector.audit.AuditBudget;
import org.probity.detector.audit.AuditLag;
import org.probity.detector.audit.AuditLane;
import org.probity.detector.audit.AuditSchedule;
import org.probity.detector.audit.AuditSlot;
import org.probity.detector.audit.Priority;
import org.probity.detector.codec.Bytes;

/**
 * SPEC protocol.md §9 in real time: a round's slots are audited before the next round, and nothing
 * one ward does stops the rounds. No threads: time and the wards' work are the test's.
 */
class AuditRoundsTest {
  private static final long INTERVAL_MILLIS = 50;

  /** Two slots of four entries in a round, one of them for scores. */
  private static final AuditBudget SMALL = new AuditBudget(2, 4, 1, 1, 2, 3, 0, 0.98);

  private final Map<String, Double> scores = new TreeMap<>();
  private final Map<String, TestWard> wards = new TreeMap<>();
  private final Deque<Work> given = new ArrayDeque<>();
  private final List<String> order = new ArrayList<>();
  private final Map<Long, List<Runnable>> timers = new TreeMap<>();
  private long nowMillis = 1_000_000;
  private final AuditRounds rounds =
      new AuditRounds(
          SMALL,
          Bytes.wrap(new byte[AuditSchedule.SECRET_BYTES]),
          INTERVAL_MILLIS,
          ward -> Priority.of(scores.getOrDefault(ward, 0.0)),
          (millis, task) ->
              timers.computeIfAbsent(nowMillis + millis, at -> new ArrayList<>()).add(task),
          () -> nowMillis * 1_000_000);

  /** For other tests: a round begins as soon as the one before has ended. */
  static AuditRounds unhurried() {
    return new AuditRounds(
        AuditBudget.of(2, 64, 32),
        Bytes.wrap(new byte[AuditSchedule.SECRET_BYTES]),
        0,
        AuditHints.NONE,
        (millis, task) -> {
          throw new AssertionError("there is nothing to wait for");
        },
        () -> 0);
  }

  private record Work(AuditSlot slot, Consumer<AuditRota.End> ended) {}

  private static final class TestWard implements AuditRota.Replays {
    private final String node;
    private final AuditRoundsTest test;
    private boolean isClosed;

    TestWard(String node, AuditRoundsTest test) {
      this.node = node;
      this.test = test;
    }

    @Override
    public String node() {
      return node;
    }

    @Override
    public boolean isClosed() {
      return isClosed;
    }

    @Override
    public void audit(AuditSlot slot, Consumer<AuditRota.End> ended) {
      test.order.add(node + " " + slot.fromIndex() + ".." + slot.toIndex());
      test.given.add(new Work(slot, ended));
    }
  }

  private void open(String ward, long auditedSize, long size) {
    TestWard opened = new TestWard(ward, this);
    wards.put(ward, opened);
    rounds.opened(opened, auditedSize, size);
  }

  private void arrive(String ward, long from, long to) {
    rounds.arrived(wards.get(ward), LongStream.rangeClosed(from + 1, to).boxed().toList());
  }

  private void end(AuditRota.End end) {
    given.remove().ended().accept(end);
  }

  /** Ends the slots of this round and of all that follow. */
  private void run(AuditRota.End end) {
    while (!given.isEmpty()) {
      while (!given.isEmpty()) {
        end(end);
      }
      pass(INTERVAL_MILLIS + 1);
      assertTrue(order.size() < 1_000, "rounds without end");
    }
  }

  private void pass(long millis) {
    nowMillis += millis;
    List<Runnable> due = new ArrayList<>();
    timers.entrySet().removeIf(at -> at.getKey() <= nowMillis && due.addAll(at.getValue()));
    due.forEach(Runnable::run);
  }

  private void lookAfter(long millis) {
    pass(millis);
    rounds.look();
  }

  /** It would surface as a failure of the ward's log, and end its stream. */
  @Test
  void anErrorInsteadOfAHintIsNoHint() {
    AuditRounds unlinked =
        new AuditRounds(
            SMALL,
            Bytes.wrap(new byte[AuditSchedule.SECRET_BYTES]),
            0,
            ward -> {
              throw new NoClassDefFoundError("planted");
            },
            (millis, task) -> task.run(),
            () -> 0);
    unlinked.opened(new TestWard("a", this), 0, 4);
    assertEquals(List.of("a 0..4"), order);
  }

  @Test
  void anIdleNodeAuditsWhatComesAtOnce() {
    open("a", 0, 0);
    assertEquals(0, rounds.rounds());
    arrive("a", 0, 1);
    assertEquals(List.of("a 0..1"), order);
    run(AuditRota.End.CLEAN);
    pass(1_000);
    arrive("a", 1, 2);
    assertEquals(List.of("a 0..1", "a 1..2"), order);
    assertEquals(2, rounds.rounds());
  }

  @Test
  void theNextRoundWaitsForTheSlotsOfThisOneAndForItsInterval() {
    open("a", 0, 12);
    assertEquals(List.of("a 0..4", "a 4..8"), order);
    end(AuditRota.End.CLEAN);
    pass(INTERVAL_MILLIS * 3);
    assertEquals(2, order.size(), "a slot is under way");
    end(AuditRota.End.CLEAN);
    assertEquals(3, order.size(), "the interval was over long ago");
    end(AuditRota.End.CLEAN);
    arrive("a", 12, 13);
    assertEquals(3, order.size(), "too soon");
    pass(INTERVAL_MILLIS);
    assertEquals(3, order.size(), "too soon");
    pass(1);
    assertEquals("a 12..13", order.get(3));
  }

  @Test
  void tellsOfEachSlotWhyItWasGiven() {
    List<AuditRounds.Given> told = new ArrayList<>();
    rounds.onGiven(told::add);
    open("a", 0, 4);
    open("b", 0, 8);
    scores.put("b", 7.0);
    run(AuditRota.End.CLEAN);

    assertEquals(
        List.of("a floor 0 1/1 2", "b score 1 1/2 3", "b floor 1 2/2 3"),
        told.stream()
            .map(
                given ->
                    given.slot().ward()
                        + " "
                        + given.slot().lane().name().toLowerCase(Locale.ROOT)
                        + " "
                        + given.round()
                        + " "
                        + given.place()
                        + "/"
                        + given.places()
                        + " "
                        + given.boundRounds())
            .toList());
    assertEquals(3, rounds.scoreThreshold());
  }

  @Test
  void replaysWhatAPersonAsksForBeforeOthersUntilItIsThere() {
    List<String> asked = new ArrayList<>();
    rounds.onGiven(given -> asked.add(given.slot().ward() + (given.asked() ? " asked" : "")));
    open("a", 0, 40);
    open("z", 0, 8);
    rounds.ask("z", 8);
    rounds.ask("nobody", 8);
    asked.clear();
    run(AuditRota.End.CLEAN);

    assertEquals(List.of("z asked", "a"), asked.subList(0, 2));
    assertEquals(List.of("z asked", "a"), asked.subList(2, 4));
    assertEquals(2, asked.stream().filter("z asked"::equals).count(), asked.toString());
    assertEquals(0, rounds.standing("z").lag().entries());
  }

  @Test
  void batchesThatComeTogetherAreCutWhereTheyEnd() {
    AuditBudget batches = new AuditBudget(9, 4, 3, 1, 1, 3, 0, 0.98);
    AuditRounds other =
        new AuditRounds(
            batches,
            Bytes.wrap(new byte[AuditSchedule.SECRET_BYTES]),
            INTERVAL_MILLIS,
            AuditHints.NONE,
            (millis, task) -> {},
            () -> 0);
    TestWard ward = new TestWard("a", this);
    other.opened(ward, 0, 0);
    other.arrived(ward, List.of(3L, 5L, 7L));
    assertEquals(List.of("a 0..3", "a 3..7"), order);
  }

  @Test
  void aWardGoesOnWhereItsMemoryHadCome() {
    open("a", 100, 103);
    assertEquals(List.of("a 100..103"), order);
  }

  @Test
  void whoCannotBeReplayedHoldsUpNobodyAndKeepsItsPlace() {
    open("stuck", 0, 40);
    run(AuditRota.End.FAILED);
    assertEquals(List.of("stuck 0..4", "stuck 4..8"), order);
    order.clear();

    open("b", 0, 40);
    run(AuditRota.End.CLEAN);

    assertEquals(10, order.size(), order::toString);
    assertTrue(order.stream().allMatch(slot -> slot.startsWith("b ")), order::toString);
    order.clear();
    arrive("b", 40, 44);
    assertEquals(1, given.size());
    rounds.canGoOn(wards.get("stuck"));
    run(AuditRota.End.CLEAN);
    assertEquals("b 40..44", order.get(0));
    assertEquals("stuck 0..4", order.get(1));
    assertEquals(11, order.size(), order::toString);
    assertEquals(new AuditLag(0, 0, 0), rounds.standing("stuck").lag());
  }

  @Test
  void theBoundThatIsExceededIsTold() {
    open("stuck", 0, 4);
    // One chunk and one floor slot a round.
    assertEquals(1, rounds.boundRounds(), "what was given a slot does not wait");
    end(AuditRota.End.FAILED);
    assertEquals(2, rounds.boundRounds());
    assertEquals(Optional.empty(), rounds.late("stuck"));
    pass(INTERVAL_MILLIS + 1);
    open("b", 0, 4);
    lookAfter(AuditRounds.LOOK_MILLIS);
    String late = rounds.late("stuck").orElseThrow();
    assertTrue(late.startsWith("4 entries wait, the oldest for "), late);
    assertTrue(rounds.standing("stuck").lateRounds() > 0);
    rounds.canGoOn(wards.get("stuck"));
    run(AuditRota.End.CLEAN);
    assertEquals(Optional.empty(), rounds.late("stuck"));
  }

  @Test
  void whoNeverEndsASlotHoldsUpTheOthersForALimitedTime() {
    open("slow", 0, 4);
    Work slow = given.remove();
    open("b", 0, 4);
    lookAfter(AuditRounds.SLOT_PATIENCE_MILLIS - 1_000);
    assertEquals(1, order.size());

    lookAfter(2_000);
    run(AuditRota.End.CLEAN);
    assertEquals(List.of("slow 0..4", "b 0..4"), order);

    // When it ends after all, that counts, and it is a ward as any other.
    slow.ended().accept(AuditRota.End.CLEAN);
    slow.ended().accept(AuditRota.End.CLEAN);
    assertEquals(new AuditLag(0, 0, 0), rounds.standing("slow").lag());
    pass(1_000);
    arrive("slow", 4, 5);
    assertEquals("slow 4..5", order.get(2));
  }

  @Test
  void nothingBehindAFindingIsReplayed() {
    open("a", 0, 40);
    end(AuditRota.End.FINDING);
    run(AuditRota.End.CLEAN);
    arrive("a", 40, 44);
    pass(1_000);
    assertEquals(2, order.size(), order::toString);
    assertEquals(new AuditLag(0, 0, 0), rounds.standing("a").lag());
  }

  @Test
  void aForgottenWardGetsNoSlotAndItsSlotsHoldUpNobody() {
    open("gone", 0, 40);
    open("b", 0, 4);
    assertEquals(List.of("gone 0..4", "gone 4..8"), order);
    List<Work> lost = List.copyOf(given);
    given.clear();
    pass(INTERVAL_MILLIS + 1);
    rounds.forget("gone");
    assertEquals("b 0..4", order.get(2));
    run(AuditRota.End.CLEAN);
    lost.forEach(work -> work.ended().accept(AuditRota.End.CLEAN));
    arrive("gone", 40, 50);
    pass(1_000);
    assertEquals(3, order.size(), order::toString);
  }

  /** What was still on its way of a log that is closed is not of the next one of its node. */
  @Test
  void aClosedLogAndTheNextOneOfItsNodeAreTwo() {
    open("a", 0, 4);
    run(AuditRota.End.CLEAN);
    TestWard closed = wards.get("a");
    closed.isClosed = true;
    rounds.forget("a");
    open("a", 0, 0);
    order.clear();
    rounds.arrived(closed, List.of(400L));
    rounds.opened(closed, 4, 400);
    pass(INTERVAL_MILLIS + 1);
    assertEquals(List.of(), order);
    arrive("a", 0, 4);
    end(AuditRota.End.FAILED);
    rounds.canGoOn(closed);
    pass(INTERVAL_MILLIS + 1);
    assertEquals(List.of("a 0..4"), order);
    rounds.canGoOn(wards.get("a"));
    assertEquals(List.of("a 0..4", "a 0..4"), order);
  }

  @Test
  void aScoreHurriesAWardAndHintsThatThrowDoNotHurt() {
    open("old", 0, 0);
    open("b", 0, 0);
    arrive("old", 0, 40);
    scores.put("b", 12.0);
    arrive("b", 0, 4);
    end(AuditRota.End.CLEAN);
    end(AuditRota.End.CLEAN);
    pass(INTERVAL_MILLIS + 1);
    assertEquals(List.of("old 0..4", "old 4..8", "b 0..4", "old 8..12"), order);
    assertEquals(Optional.of(AuditLane.SCORE), rounds.standing("b").lastLane());
    assertEquals(Optional.of(AuditLane.FLOOR), rounds.standing("old").lastLane());
    assertEquals(1, rounds.slots(AuditLane.SCORE));

    AuditRounds broken =
        new AuditRounds(
            SMALL,
            Bytes.wrap(new byte[AuditSchedule.SECRET_BYTES]),
            INTERVAL_MILLIS,
            ward -> {
              throw new IllegalStateException("planted");
            },
            (millis, task) -> {},
            () -> 0);
    order.clear();
    broken.opened(new TestWard("c", this), 0, 4);
    assertEquals(List.of("c 0..4"), order);
  }

  @Test
  void aThreadThatIsGoneIsAFailedSlot() {
    rounds.opened(
        new AuditRota.Replays() {
          @Override
          public String node() {
            return "dead";
          }

          @Override
          public boolean isClosed() {
            return false;
          }

          @Override
          public void audit(AuditSlot slot, Consumer<AuditRota.End> ended) {
            throw new RejectedExecutionException("planted");
          }
        },
        0,
        4);
    pass(INTERVAL_MILLIS + 1);
    open("b", 0, 4);
    assertEquals(List.of("b 0..4"), order);
    rounds.stop();
    run(AuditRota.End.CLEAN);
    arrive("b", 4, 5);
    pass(1_000);
    assertEquals(1, order.size());
  }
}
