package org.probity.simulation.fault;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Seating;
import org.probity.simulation.Incident;
import org.probity.simulation.world.Chance;

/**
 * Whom accomplices are chosen from.
 *
 * @param incident that needs them
 * @param faulty who is faulty anyhow
 * @param struck whose machine fails: what it does as an accomplice could be lost by that before
 *     anybody has seen it
 */
record Casting(Genesis genesis, Incident incident, Set<String> faulty, Set<String> struck) {
  /**
   * So many are correct whatever happens: with one alone there is nobody to promise anything to.
   */
  private static final int LEAST_CORRECT = 2;

  String culprit() {
    return incident.nodes().get(0);
  }

  Seating seating() {
    return Seating.founding(genesis);
  }

  List<String> others() {
    return genesis.nodes().stream()
        .map(NodeRecord::node)
        .filter(node -> !node.equals(culprit()))
        .toList();
  }

  /** How many more may be faulty. */
  int vacancies() {
    return Math.max(0, genesis.nodes().size() - LEAST_CORRECT - faulty.size());
  }

  List<String> shuffled(List<String> nodes) {
    List<String> shuffled = new ArrayList<>(nodes);
    Chance chance = new Chance(incident.chance()).of("accomplices");
    for (int i = shuffled.size() - 1; i > 0; i--) {
      Collections.swap(shuffled, i, chance.below(i + 1));
    }
    return shuffled;
  }
}
