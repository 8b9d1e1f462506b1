package org.probity.detector.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Comparator;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.BiFunction;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.probity.detector.Seeded;
import org.probity.detector.codec.Bytes;

/**
 * protocol.md §9: every entry is audited within {@code 1 + ceil( sum_i ceil(b_i/(Q-K+1)) / (phi*B)
 * )} rounds of its arrival, under any scores. And each way to build the schedule wrongly is caught
 * by the very same test.
 */
class AuditScheduleTheoremTest {
  private static final int DEFAULT_CASES = 500;
  private static final int CAMPAIGN_CASES = 20_000;

  private enum Bug {
    STARVES_THE_FLOOR,
    LAST_COME_FIRST_SERVED,
    DOES_NOT_SPILL,
    PLACES_BY_LAST_ARRIVAL
  }

  /** A schedule with one mistake. */
  private static AuditSchedule broken(Bug bug, AuditBudget budget, Bytes secret) {
    return new AuditSchedule(budget, secret) {
      @Override
      int floorSlots() {
        return bug == Bug.STARVES_THE_FLOOR ? 0 : super.floorSlots();
      }

      @Override
      Comparator<Chunk> floorOrder() {
        Comparator<Chunk> order = super.floorOrder();
        return bug == Bug.LAST_COME_FIRST_SERVED ? order.reversed() : order;
      }

      @Override
      int spilled(int unusedScoreSlots) {
        return bug == Bug.DOES_NOT_SPILL ? 0 : unusedScoreSlots;
      }

      @Override
      long placeOf(long firstRound, long thisRound) {
        return bug == Bug.PLACES_BY_LAST_ARRIVAL ? thisRound : firstRound;
      }
    };
  }

  @Test
  void shouldKeepTheBoundUnderAnyScores() {
    keepsTheBound(DEFAULT_CASES);
  }

  @Test
  @Tag("campaign")
  void shouldKeepTheBoundInManyConfigurations() {
    keepsTheBound(CAMPAIGN_CASES);
  }

  private static void keepsTheBound(int cases) {
    Seeded.run(
        cases,
        random ->
            assertEquals(
                Optional.empty(), new ScheduleRun(random, AuditSchedule::create).violation()));
    // The runs are worth something: they check batches, and scores do decide about slots.
    assertTrue(total(cases, run -> run.checked) > 100L * cases);
    assertTrue(total(cases, run -> run.scoreSlots) > 5L * cases);
  }

  @ParameterizedTest
  @EnumSource
  void shouldNoticeEachPlantedBug(Bug bug) {
    long caught = 0;
    for (long seed = 0; seed < DEFAULT_CASES; seed++) {
      caught +=
          run(seed, (budget, secret) -> broken(bug, budget, secret)).violation().isPresent()
              ? 1
              : 0;
    }

    System.out.println(bug + ": caught in " + caught + " of " + DEFAULT_CASES + " runs");
    assertTrue(caught > 0, "not caught: " + bug);
  }

  private static ScheduleRun run(long seed, BiFunction<AuditBudget, Bytes, AuditSchedule> make) {
    return new ScheduleRun(new SplittableRandom(seed), make);
  }

  private static long total(int cases, ToLongFunction<ScheduleRun> of) {
    long sum = 0;
    for (long seed = 0; seed < Math.min(cases, 100); seed++) {
      ScheduleRun run = run(seed, AuditSchedule::create);
      run.violation();
      sum += of.applyAsLong(run);
    }
    return sum * cases / Math.min(cases, 100);
  }
}
