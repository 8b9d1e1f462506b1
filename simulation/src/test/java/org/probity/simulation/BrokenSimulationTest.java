package org.probity.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.probity.simulation.fault.Fault;
import org.probity.simulation.oracle.Violation;
import org.probity.simulation.oracle.Violation.Promise;
import org.probity.simulation.trouble.Trouble;

/** Simulations that something of the simulator itself would end. */
class BrokenSimulationTest {
  private static final Settings SMALL = new Settings(4, 2, 1, 6, 12, false);

  private static Incident at(long millis, String kind, String node, long chance) {
    return new Incident(kind, millis, 1_000, List.of(node), chance);
  }

  @Test
  void whatASimulationThrowsIsAViolationOfTheSeed() {
    Plan plan = new Plan(1, SMALL, List.of(at(3_000, Trouble.CRASH.label(), "nobody", 1)));

    Simulation.Outcome outcome = new Simulation(plan, false).run();

    assertEquals(1, outcome.violations().size(), () -> outcome.violations().toString());
    Violation violation = outcome.violations().get(0);
    assertEquals(Promise.X, violation.promise());
    assertEquals(Violation.ALL, violation.node());
    assertTrue(violation.what().contains("nobody"), violation::what);
    assertTrue(outcome.transactions() > 0);
    assertEquals(Set.of(), outcome.faulty());
  }

  /** Whoever was deceived may lose its disk and begin again before it is asked what came of it. */
  @Test
  void whoeverWasDeceivedMayBeginAgain() {
    for (String lost : List.of("n01", "n02", "n03")) {
      Plan plan =
          new Plan(
              1,
              SMALL,
              List.of(
                  at(4_000, Fault.UNLINKED_ENVELOPE.label(), "n00", 1),
                  at(6_000, Trouble.LOST_DISK.label(), lost, 2)));

      assertEquals(List.of(), new Simulation(plan, false).run().violations(), lost);
    }
  }
}
