package org.probity.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.probity.simulation.oracle.Violation;

/**
 * Cuts a plan that breaks a promise down to what it takes: incidents are left out one after the
 * other as long as the same promise is still broken, then time and customers. Every attempt is a
 * whole simulation.
 */
public final class Shrinker {
  private final Function<Plan, Set<Violation.Promise>> trial;
  private int attempts;

  public Shrinker() {
    this(Shrinker::simulated);
  }

  /**
   * @param trial says which promises a plan breaks
   */
  Shrinker(Function<Plan, Set<Violation.Promise>> trial) {
    this.trial = trial;
  }

  /**
   * The smallest plan found, which is the same one if nothing can be left out.
   *
   * @param plan that breaks a promise
   */
  public Plan shrink(Plan plan) {
    Set<Violation.Promise> broken = broken(plan);
    if (broken.isEmpty()) {
      throw new IllegalArgumentException("the plan of seed " + plan.seed() + " breaks nothing");
    }
    Plan smallest = withoutIncidents(plan, broken);
    smallest = shorter(smallest, broken);
    return calmer(smallest, broken);
  }

  /** Simulations run so far. */
  public int attempts() {
    return attempts;
  }

  private Plan withoutIncidents(Plan plan, Set<Violation.Promise> broken) {
    Plan smallest = plan;
    for (int i = plan.incidents().size() - 1; i >= 0; i--) {
      List<Incident> fewer = new ArrayList<>(smallest.incidents());
      fewer.remove(plan.incidents().get(i));
      Plan attempt = smallest.with(fewer);
      if (stillBreaks(attempt, broken)) {
        smallest = attempt;
      }
    }
    return smallest;
  }

  private Plan shorter(Plan plan, Set<Violation.Promise> broken) {
    long lastMillis = plan.incidents().stream().mapToLong(Incident::atMillis).max().orElse(0);
    int seconds = (int) (lastMillis / 1_000 + 2);
    if (seconds >= plan.settings().busySeconds()) {
      return plan;
    }
    Plan attempt = new Plan(plan.seed(), plan.settings().busyFor(seconds), plan.incidents());
    return stillBreaks(attempt, broken) ? attempt : plan;
  }

  private Plan calmer(Plan plan, Set<Violation.Promise> broken) {
    Plan smallest = plan;
    for (double rate = plan.settings().paymentsPerSecond() / 4; rate > 0.1; rate /= 4) {
      Plan attempt = new Plan(plan.seed(), plan.settings().paying(rate), plan.incidents());
      if (!stillBreaks(attempt, broken)) {
        break;
      }
      smallest = attempt;
    }
    return smallest;
  }

  private boolean stillBreaks(Plan plan, Set<Violation.Promise> broken) {
    Set<Violation.Promise> now = broken(plan);
    now.retainAll(broken);
    return !now.isEmpty();
  }

  private Set<Violation.Promise> broken(Plan plan) {
    attempts++;
    return new TreeSet<>(trial.apply(plan));
  }

  private static Set<Violation.Promise> simulated(Plan plan) {
    Set<Violation.Promise> promises = new TreeSet<>();
    new Simulation(plan, false).run().violations().forEach(it -> promises.add(it.promise()));
    return promises;
  }
}
