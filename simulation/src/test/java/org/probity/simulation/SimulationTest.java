package org.probity.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.probity.simulation.fault.Fault;
import org.probity.simulation.report.SeedResult;
import org.probity.simulation.report.Tally;

/**
 * Seeds drawn as {@code ./probity simulate} draws them, each run twice. Another range with {@code
 * -Dprobity.seed=A -Dprobity.seeds=B}; of a single seed the story is printed.
 */
class SimulationTest {
  private static final long LAST_DEFAULT = 300;
  private static final long FIRST = Long.getLong("probity.seed", 1);
  private static final long LAST = Long.getLong("probity.seeds", LAST_DEFAULT);

  private static SeedResult twice(long seed) {
    Plan plan = PlanMaker.of(seed);
    boolean isAlone = FIRST == LAST;
    Simulation.Outcome outcome = new Simulation(plan, isAlone).run();
    if (isAlone) {
      plan.incidents().forEach(System.out::println);
      outcome.story().forEach(System.out::println);
    }
    return SeedResult.of(outcome, Optional.of(new Simulation(plan, false).run()));
  }

  @Test
  void noPromiseIsBrokenAndEverySeedIsRepeatable() {
    long startNanos = System.nanoTime();
    List<SeedResult> results =
        LongStream.rangeClosed(FIRST, LAST)
            .parallel()
            .mapToObj(SimulationTest::twice)
            .collect(Collectors.toList());
    Tally tally = new Tally();
    results.forEach(tally::add);
    double seconds = (System.nanoTime() - startNanos) / 1e9;

    System.out.printf(
        Locale.ROOT,
        "%d seeds in %.0f s, each twice: %d faults of %d kinds, %d exposed, %d suspected, %d begun"
            + " again, %d pairs of kinds of incidents%n",
        tally.seeds(),
        seconds,
        tally.injected(),
        done(tally),
        tally.exposed(),
        tally.suspected(),
        tally.begunAgain(),
        tally.pairs());
    tally
        .violations()
        .forEach(
            (seed, broken) ->
                System.out.println("seed " + seed + " " + PlanMaker.of(seed) + " " + broken));
    assertEquals(Map.of(), tally.violations());
    assertEquals(tally.seeds(), tally.repeated());
    assertTrue(
        tally.seeds() < LAST_DEFAULT || tally.begunAgain() > 0,
        "nobody has gone on in another incarnation");
    assertTrue(
        tally.seeds() < LAST_DEFAULT || done(tally) > Fault.values().length / 2,
        "hardly any kind of fault was done: " + tally.rows().keySet());
  }

  private static long done(Tally tally) {
    return tally.rows().values().stream().filter(row -> row.done() > 0).count();
  }

  @Test
  void anotherSeedIsAnotherSimulation() {
    assertNotEquals(
        new Simulation(PlanMaker.of(1), false).run().trace(),
        new Simulation(PlanMaker.of(2), false).run().trace());
  }

  @Test
  void realSignaturesComeToTheSameEnd() {
    // Every fiftieth seed is drawn with Ed25519; here a single one with and without.
    Plan drawn = PlanMaker.of(50, new PlanMaker.Choice(3, 1, List.of(), false));
    assertTrue(drawn.settings().isReal());

    Simulation.Outcome outcome = new Simulation(drawn, false).run();

    assertEquals(List.of(), outcome.violations());
    assertEquals(0, outcome.signaturesVerified(), "keyed hashes are counted, Ed25519 is not");
  }
}
