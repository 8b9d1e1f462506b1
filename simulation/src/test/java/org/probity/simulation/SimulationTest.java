package org.probity.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.probity.simulation.fault.Fault;
import org.probity.simulation.oracle.Excuse;
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

  /**
   * How often each excuse may keep an oracle quiet in so many seeds: twice what it does, and 2
   * where it never does. Whoever needs more has to say why.
   */
  private static final Map<Excuse, Integer> MOST_EXCUSED =
      new EnumMap<>(
          Map.ofEntries(
              Map.entry(Excuse.SHUT_OUT, 46),
              Map.entry(Excuse.WAITS_FOR_MEMBERS, 24),
              Map.entry(Excuse.GATE_WITHOUT_WITNESSES, 6),
              Map.entry(Excuse.STILL_DECIDING, 2),
              Map.entry(Excuse.NO_CORRECT_WITNESS, 4),
              Map.entry(Excuse.UNSEEN, 2),
              Map.entry(Excuse.BEHIND_STOP, 2),
              Map.entry(Excuse.HIDDEN, 42),
              Map.entry(Excuse.ASKED_AGAIN, 2),
              Map.entry(Excuse.NOT_ON_OLD_COPY, 20),
              Map.entry(Excuse.CLOSED_LOG_NOWHERE, 2),
              Map.entry(Excuse.BEHIND_CLOSE, 2),
              Map.entry(Excuse.EXPIRED, 178),
              Map.entry(Excuse.STOPPED_HOME, 466),
              Map.entry(Excuse.SENT_BEFORE_ALL_WAS_WELL, 408),
              Map.entry(Excuse.SENT_TO_WHO_BEGAN_AGAIN, 12)));

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
        "%d seeds in %.0f s, each twice: %d faults of %d kinds, %d by culprits that did nothing else,"
            + " of these %d exposed, %d suspected; %d begun again, %d pairs of kinds of incidents, excused %s%n",
        tally.seeds(),
        seconds,
        tally.injected(),
        done(tally),
        tally.alone(),
        tally.exposed(),
        tally.suspected(),
        tally.begunAgain(),
        tally.pairs(),
        tally.excused());
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
    assertTrue(
        tally.seeds() < LAST_DEFAULT || tally.suspectedAndCleared() > 0,
        "no suspicion of a correct node was ever taken back");
    for (Excuse why : Excuse.values()) {
      long most = MOST_EXCUSED.get(why) * Math.max(tally.seeds(), LAST_DEFAULT) / LAST_DEFAULT;
      long excused = tally.excused().getOrDefault(why.label(), 0L);
      assertTrue(excused <= most, why + ": " + excused + " times, at most " + most);
    }
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
