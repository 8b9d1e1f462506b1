package org.probity.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.probity.simulation.fault.Fault;
import org.probity.simulation.node.Founding;
import org.probity.simulation.oracle.Detection;
import org.probity.simulation.world.Chance;

/** Whatever is listed as a fault is one that somebody commits. */
class FaultsTest {
  private static final int NODES = 5;
  private static final int WITNESSES = 2;
  private static final int TOLERATED = 1;
  private static final int BUSY_SECONDS = 12;

  /** In which each has to be done once; what it needs may not be there. */
  private static final int SEEDS = 6;

  private record Done(Fault fault, boolean isDone, boolean isObservable, List<String> violations) {}

  @Test
  void everyKindIsDoneAndNothingIsBroken() {
    List<Done> all =
        Arrays.stream(Fault.values())
            .parallel()
            .map(FaultsTest::tried)
            .collect(Collectors.toList());

    Set<Fault> undone = new TreeSet<>();
    all.stream().filter(one -> !one.isDone()).forEach(one -> undone.add(one.fault()));
    assertEquals(Set.of(), undone);
    assertEquals(
        Set.of(),
        all.stream()
            .filter(Done::isObservable)
            .map(Done::fault)
            .filter(BoundaryTest.NOT_OBSERVABLE::containsKey)
            .collect(Collectors.toSet()));
    assertEquals(List.of(), all.stream().flatMap(one -> one.violations().stream()).toList());
  }

  private static Done tried(Fault fault) {
    for (long seed = 1; seed <= SEEDS; seed++) {
      Simulation.Outcome outcome = new Simulation(plan(fault, seed), false).run();
      List<String> violations =
          outcome.violations().stream().map(broken -> fault.label() + ": " + broken).toList();
      List<Detection> done =
          outcome.faults().stream().filter(one -> one.kind().equals(fault.label())).toList();
      if (!done.isEmpty() || !violations.isEmpty()) {
        boolean isObservable =
            done.stream().anyMatch(one -> BoundaryTest.isObservable(one.expectation()));
        return new Done(fault, !done.isEmpty(), isObservable, violations);
      }
    }
    return new Done(fault, false, false, List.of());
  }

  /** One culprit, and nothing else goes wrong. */
  private static Plan plan(Fault fault, long seed) {
    Chance chance = new Chance(seed).of(fault.label());
    Incident incident =
        new Incident(
            fault.label(),
            chance.between(2_000, 5_000),
            0,
            List.of(Founding.name(chance.below(NODES))),
            chance.anyLong());
    return new Plan(
        seed, new Settings(NODES, WITNESSES, TOLERATED, 6, BUSY_SECONDS, false), List.of(incident));
  }
}
