package org.probity.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SimulationTest {
  @Test
  void noPromiseIsBrokenAndEverySeedIsRepeatable() {
    List<String> broken = new ArrayList<>();
    Map<String, Integer> done = new TreeMap<>();
    long first = Long.getLong("probity.seed", 1);
    long last = Long.getLong("probity.seeds", 60);
    for (long seed = first; seed <= last; seed++) {
      Plan plan = PlanMaker.of(seed);
      Simulation.Outcome outcome = new Simulation(plan, first == last).run();
      outcome.story().forEach(System.out::println);
      outcome.faults().forEach(fault -> done.merge(fault.kind(), 1, Integer::sum));
      if (!outcome.violations().isEmpty()) {
        broken.add(
            plan.seed()
                + " "
                + plan.settings()
                + " "
                + plan.incidents()
                + "\n    "
                + outcome.violations());
      }
      assertEquals(outcome.trace(), new Simulation(plan, false).run().trace(), "seed " + seed);
    }
    System.out.println(done);
    broken.forEach(System.out::println);
    assertEquals(List.of(), broken);
    assertTrue(first == last || done.size() > 10, "hardly any fault was done: " + done);
  }
}
