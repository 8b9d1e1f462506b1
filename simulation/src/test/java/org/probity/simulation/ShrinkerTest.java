package org.probity.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.probity.simulation.oracle.Violation.Promise;

class ShrinkerTest {
  /** A bug that takes a crash and, later, a fork; and customers enough. */
  private static Set<Promise> bug(Plan plan) {
    return plan.kinds().containsAll(Set.of("crash", "fork"))
            && plan.settings().paymentsPerSecond() > 2
        ? Set.of(Promise.A1)
        : Set.of();
  }

  private static Plan plan() {
    List<Incident> incidents = new ArrayList<>();
    long at = 1_000;
    for (String kind : List.of("loss", "crash", "pause", "fork", "slow-links", "loss")) {
      incidents.add(new Incident(kind, at, 500, List.of("n00"), at));
      at += 1_000;
    }
    return new Plan(7, new Settings(4, 2, 1, 10, 60, false), incidents);
  }

  @Test
  void whatItDoesNotTakeIsLeftOut() {
    Shrinker shrinker = new Shrinker(ShrinkerTest::bug);

    Plan smallest = shrinker.shrink(plan());

    assertEquals(
        List.of("crash", "fork"), smallest.incidents().stream().map(Incident::kind).toList());
    assertEquals(6, smallest.settings().busySeconds());
    assertEquals(2.5, smallest.settings().paymentsPerSecond());
    assertEquals(plan().seed(), smallest.seed());
  }

  @Test
  void anotherPromiseIsAnotherBug() {
    Function<Plan, Set<Promise>> twoBugs =
        plan ->
            plan.kinds().contains("fork")
                ? Set.of(Promise.A1)
                : plan.kinds().contains("pause") ? Set.of(Promise.L) : Set.of();

    Plan smallest = new Shrinker(twoBugs).shrink(plan());

    assertEquals(Set.of("fork"), smallest.kinds());
  }

  @Test
  void aPlanThatBreaksNothingIsRefused() {
    Shrinker shrinker = new Shrinker(plan -> Set.of());

    assertThrows(IllegalArgumentException.class, () -> shrinker.shrink(plan()));
  }
}
