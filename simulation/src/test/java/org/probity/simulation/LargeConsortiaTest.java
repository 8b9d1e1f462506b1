package org.probity.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.probity.simulation.fault.Fault;

/**
 * One seed each of consortia larger than plans have as they are drawn, judged like any other:
 *
 * <pre>
 * mvn -Pcampaign -pl simulation -am test -Dtest=LargeConsortiaTest -Dsurefire.failIfNoSpecifiedTests=false
 * </pre>
 *
 * <p>Whoever learns of a proof tells everybody, so what a seed costs grows with the square of the
 * nodes times the faults: these have few of them.
 */
@Tag("campaign")
class LargeConsortiaTest {
  @ParameterizedTest
  @CsvSource({"50, 4", "200, 22"})
  void noPromiseIsBroken(int nodes, long seed) {
    Plan plan =
        PlanMaker.of(seed, new PlanMaker.Choice(nodes, 0, Arrays.asList(Fault.values()), true));
    long startNanos = System.nanoTime();
    Simulation.Outcome outcome = new Simulation(plan, false).run();
    System.out.printf(
        Locale.ROOT,
        "%d nodes, seed %d: %d events in %.0f s, %d faults%n",
        nodes,
        seed,
        outcome.events(),
        (System.nanoTime() - startNanos) / 1e9,
        outcome.faults().size());
    assertEquals(List.of(), outcome.violations());
    assertTrue(outcome.transactions() > 0, "nobody has paid");
    assertTrue(outcome.faults().size() > 0, "nobody has cheated");
  }
}
