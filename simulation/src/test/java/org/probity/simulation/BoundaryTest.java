package org.probity.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Parameters;
import org.probity.detector.governance.Seating;
import org.probity.ledger.program.LedgerProgram;
import org.probity.simulation.fault.Expectation;
import org.probity.simulation.fault.Fault;
import org.probity.simulation.node.Founding;
import org.probity.simulation.world.KeyedSignatures;

/**
 * Completeness at its boundary (protocol.md §1): with f of w = f + 1 witnesses in league with the
 * culprit everything is found out, with all of them nothing is that only witnesses look for.
 */
class BoundaryTest {
  private static final int NODES = 6;
  private static final int WITNESSES = 3;
  private static final int TOLERATED = WITNESSES - 1;
  private static final long AT_MILLIS = 4_000;
  private static final double PAYMENTS_PER_SECOND = 5;
  private static final int BUSY_SECONDS = 12;
  private static final int CALM_SECONDS = 70;

  /** Seeds to try until it comes to the fault. */
  private static final int SEEDS = 5;

  /** What can be told from the culprit's log alone. */
  static Set<Fault> inTheLog() {
    return EnumSet.range(Fault.OVERDRAFT, Fault.STRANGERS_TRANSACTION);
  }

  /** What must be exposed, or suspected for good. */
  static Set<Fault> observable() {
    Set<Fault> all = inTheLog();
    all.addAll(
        List.of(
            Fault.TRUNCATED_CRIME,
            Fault.FORK,
            Fault.FORK_TO_CLIENTS,
            Fault.FORK_TO_ONE,
            Fault.REWRITTEN_LOG,
            Fault.SILENCE,
            Fault.IGNORED_CHALLENGES,
            Fault.WITHHELD_LOG,
            Fault.STUBBORN_CENSORSHIP,
            Fault.FALSE_ANSWERS,
            Fault.FALSE_INCLUSION,
            Fault.FALSE_ACKNOWLEDGEMENTS,
            Fault.UNLINKED_ENVELOPE));
    return all;
  }

  @ParameterizedTest
  @MethodSource("observable")
  void oneCorrectWitnessIsEnough(Fault fault) {
    int done = 0;
    for (long seed = 1; done == 0 && seed <= SEEDS; seed++) {
      Simulation.Outcome outcome = run(fault, seed, TOLERATED);

      assertEquals(List.of(), outcome.violations(), "seed " + seed);
      done +=
          outcome.faults().stream().anyMatch(it -> it.expectation() != Expectation.NOTHING) ? 1 : 0;
    }
    assertTrue(done > 0, "it never came to it");
  }

  @ParameterizedTest
  @MethodSource("inTheLog")
  void withoutACorrectWitnessNothingIsFound(Fault fault) {
    int done = 0;
    for (long seed = 1; done == 0 && seed <= SEEDS; seed++) {
      Simulation.Outcome outcome = run(fault, seed, WITNESSES);

      assertEquals(List.of(), outcome.violations(), "seed " + seed);
      assertFalse(
          outcome.faults().stream().anyMatch(it -> it.exposing() > 0),
          "seed " + seed + ": somebody else has found it");
      done += outcome.faults().isEmpty() ? 0 : 1;
    }
    assertTrue(done > 0, "it never came to it");
  }

  private static Simulation.Outcome run(Fault fault, long seed, int accomplices) {
    String culprit = Founding.name((int) (seed % NODES));
    List<String> nodes = new ArrayList<>(List.of(culprit));
    witnesses(seed, culprit).subList(0, accomplices).forEach(seat -> nodes.add(seat.node()));
    Settings settings =
        new Settings(
            NODES,
            NODES,
            WITNESSES,
            TOLERATED,
            PAYMENTS_PER_SECOND,
            BUSY_SECONDS,
            false,
            Settings.DEFAULT_AUDIT_SLOTS,
            Settings.DEFAULT_CHUNK_ENTRIES,
            false,
            CALM_SECONDS,
            true);
    return new Simulation(
            new Plan(
                seed, settings, List.of(new Incident(fault.label(), AT_MILLIS, 0, nodes, seed))),
            false)
        .run();
  }

  private static List<NodeRecord> witnesses(long seed, String ward) {
    Founding founding =
        Founding.of(
            NODES,
            NODES,
            Parameters.of(TOLERATED, WITNESSES),
            new LedgerProgram(),
            new KeyedSignatures(seed));
    return Seating.founding(founding.genesis()).witnessesOf(ward);
  }
}
