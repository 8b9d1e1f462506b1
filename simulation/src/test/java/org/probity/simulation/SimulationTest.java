package org.probity.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class SimulationTest {
  @Test
  void nothingHappensAndAllIsWell() {
    Simulation.Outcome outcome = new Simulation(1, Settings.stated(), true).run();

    outcome.story().forEach(System.out::println);
    System.out.println(outcome.violations());
    assertEquals(List.of(), outcome.violations());
    for (int i = 0; i < 5; i++) {
      long start = System.nanoTime();
      Simulation.Outcome again = new Simulation(1, Settings.stated(), false).run();
      double seconds = (System.nanoTime() - start) / 1e9;
      System.out.println(
          again.transactions()
              + " transactions, "
              + again.entries()
              + " entries, "
              + again.events()
              + " events, "
              + again.simulatedSeconds() / seconds
              + "x");
      assertEquals(outcome.trace(), again.trace());
    }
  }
}
