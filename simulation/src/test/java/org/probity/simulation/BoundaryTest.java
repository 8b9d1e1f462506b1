package org.probity.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
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
import org.probity.simulation.oracle.Detection;
import org.probity.simulation.world.KeyedSignatures;

/**
 * Completeness at its boundary (protocol.md §1): with f of w = f + 1 witnesses in league with the
 * culprit everything is found out, with all of them nothing is that only witnesses look for.
 */
class BoundaryTest {
  /** So that what members decide takes no vote of a faulty one. */
  private static final int NODES = 7;

  private static final int WITNESSES = 3;
  private static final int TOLERATED = WITNESSES - 1;
  private static final long AT_MILLIS = 4_000;
  private static final long LEAGUE_AT_MILLIS = 3_000;
  private static final double PAYMENTS_PER_SECOND = 5;
  private static final int BUSY_SECONDS = 12;
  private static final int CALM_SECONDS = 70;

  /** Seeds to try until it comes to the fault. */
  private static final int SEEDS = 5;

  /**
   * Nobody has to find these out, and why; {@link FaultsTest} holds them to it. Of all others it is
   * asked.
   */
  static final Map<Fault, String> NOT_OBSERVABLE =
      Map.ofEntries(
          Map.entry(Fault.SELECTIVE_SILENCE, "witnesses bring what it does not take from one"),
          Map.entry(Fault.UNTRANSMITTED, "witnesses deliver what it does not"),
          Map.entry(Fault.LATE_LOG, "it shows everything in the end, and is trusted again"),
          Map.entry(Fault.LATE_ACKNOWLEDGEMENT, "it acknowledges, if late"),
          Map.entry(Fault.CENSORSHIP, "it logs the transaction when a witness asks for it"),
          Map.entry(Fault.FALSE_ENVELOPES, "whoever gets one drops it, and has nothing to show"),
          Map.entry(Fault.REPLAYED_ENVELOPES, "they are others', and whoever gets one drops it"),
          Map.entry(
              Fault.LAZY_WITNESS, "an AUDIT that it owes nobody; false only if a ward cheats"),
          Map.entry(Fault.WITHHOLDING_WITNESS, "other witnesses answer"),
          Map.entry(Fault.FALSE_MEMORY, "whoever starts asks others, too"),
          Map.entry(Fault.AMNESIAC_WITNESS, "what a witness loses it may fetch again"),
          Map.entry(Fault.DOUBLE_BALLOT, "it proves something of its owner, not of the node"),
          Map.entry(Fault.FALSE_STATEMENTS, "nobody believes what is not signed by members"),
          Map.entry(Fault.IGNORED_SUSPENSION, "who is stopped is not listened to"),
          Map.entry(Fault.FLOOD, "too much is not wrong; false AUDITs only if a ward cheats"),
          Map.entry(Fault.CHALLENGE_FLOOD, "too much is not wrong"),
          Map.entry(Fault.FRAMING_BY_MUTATION, "unsigned junk, from whomever"),
          Map.entry(Fault.FRAMING_BY_SPLICING, "unsigned junk, from whomever"),
          Map.entry(Fault.FRAMING_BY_RELABELLING, "unsigned junk, from whomever"),
          Map.entry(Fault.FRAMING_BY_REENCODING, "unsigned junk, from whomever"),
          Map.entry(Fault.FALSE_CHALLENGES, "whoever is asked for what there is not says so"),
          Map.entry(Fault.CONTRADICTING_CUSTOMER, "no member does anything wrong"));

  /** What must be exposed, or suspected for good. */
  static Set<Fault> observable() {
    Set<Fault> all = EnumSet.allOf(Fault.class);
    all.removeAll(NOT_OBSERVABLE.keySet());
    return all;
  }

  /** What can be told from the culprit's log alone. */
  static Set<Fault> inTheLog() {
    return EnumSet.range(Fault.OVERDRAFT, Fault.STRANGERS_TRANSACTION);
  }

  /** Not even by what excuses an oracle: the one witness is enough. */
  @ParameterizedTest
  @MethodSource("observable")
  void oneCorrectWitnessIsEnough(Fault fault) {
    List<Detection> done = List.of();
    for (long seed = 1; done.isEmpty() && seed <= SEEDS; seed++) {
      Simulation.Outcome outcome = run(fault, seed, TOLERATED);

      assertEquals(List.of(), outcome.violations(), "seed " + seed);
      assertEquals(Map.of(), outcome.excused(), "seed " + seed);
      done = ofCulprit(fault, seed, outcome);
    }
    assertFalse(done.isEmpty(), "it never came to it");
    done.forEach(one -> assertTrue(isFoundOutByAll(one), one.toString()));
  }

  /** What all have to find out; accomplices commit others. */
  private static List<Detection> ofCulprit(Fault fault, long seed, Simulation.Outcome outcome) {
    return outcome.faults().stream()
        .filter(done -> done.kind().equals(fault.label()) && done.node().equals(culprit(seed)))
        .filter(done -> isObservable(done.expectation()))
        .toList();
  }

  static boolean isObservable(Expectation expectation) {
    return switch (expectation) {
      case EXPOSED, EXPOSED_OR_SUSPECTED, SUSPECTED -> true;
      case UNPROVABLE, NOTHING -> false;
    };
  }

  /** By every correct node. */
  private static boolean isFoundOutByAll(Detection done) {
    return done.exposedMillis().isPresent()
        || (done.expectation() != Expectation.EXPOSED && done.suspectedMillis().isPresent());
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

  private static String culprit(long seed) {
    return Founding.name((int) (seed % NODES));
  }

  private static Simulation.Outcome run(Fault fault, long seed, int accomplices) {
    List<String> league =
        witnesses(seed, culprit(seed)).subList(0, accomplices).stream()
            .map(NodeRecord::node)
            .toList();
    List<Incident> incidents = new ArrayList<>();
    if (!fault.isVouchedFor()) {
      // They have another part in it, and look away besides.
      league.forEach(
          witness ->
              incidents.add(
                  new Incident(
                      Fault.LAZY_WITNESS.label(), LEAGUE_AT_MILLIS, 0, List.of(witness), seed)));
    }
    List<String> nodes = new ArrayList<>(List.of(culprit(seed)));
    nodes.addAll(league);
    incidents.add(new Incident(fault.label(), AT_MILLIS, 0, nodes, seed));
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
    return new Simulation(new Plan(seed, settings, incidents), false).run();
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
