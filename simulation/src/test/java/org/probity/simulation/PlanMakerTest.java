package org.probity.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.probity.simulation.fault.Fault;

/** What seeds draw, and that there is some of everything. */
class PlanMakerTest {
  private static final int SEEDS = 1_000;

  private static final List<Plan> PLANS =
      LongStream.rangeClosed(1, SEEDS).mapToObj(PlanMaker::of).toList();

  private static double share(Predicate<Settings> of) {
    return (double) PLANS.stream().map(Plan::settings).filter(of).count() / SEEDS;
  }

  @Test
  void someMembersHaveTwoNodes() {
    Predicate<Settings> isShared = settings -> settings.members() < settings.nodes();
    double share = share(isShared);

    assertTrue(share > 0.05 && share < 0.12, () -> "shared by members: " + share);
    PLANS.stream()
        .map(Plan::settings)
        .filter(isShared)
        .forEach(settings -> assertEquals((settings.nodes() + 1) / 2, settings.members()));
  }

  @Test
  void membersAreEnoughForTheWitnessesThatAreChosen() {
    for (long seed = 1; seed <= SEEDS; seed++) {
      PlanMaker.Choice choice = new PlanMaker.Choice(5, 3, List.of(Fault.values()), true);

      assertEquals(5, PlanMaker.of(seed, choice).settings().members());
    }
  }

  @Test
  void someConsortiaAreLarge() {
    double share = share(settings -> settings.nodes() > 7);

    assertTrue(share > 0.03 && share < 0.08, () -> "of more than seven nodes: " + share);
  }

  @Test
  void twoNodesAreAlwaysCorrect() {
    for (Plan plan : PLANS) {
      long faulty =
          plan.incidents().stream()
              .filter(
                  incident ->
                      Fault.of(incident.kind()).filter(it -> !it.isOfCustomer()).isPresent())
              .flatMap(incident -> incident.nodes().stream())
              .distinct()
              .count();

      assertFalse(faulty > plan.settings().nodes() - 2, plan::toString);
    }
  }
}
