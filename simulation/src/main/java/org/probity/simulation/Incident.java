package org.probity.simulation;

import java.util.List;
import java.util.Locale;

/**
 * One thing that goes wrong in a simulation, or is made to: the unit that a failing seed is cut
 * down by.
 *
 * @param kind what
 * @param atMillis since customers began to pay
 * @param forMillis how long it lasts; 0 if it is but an instant
 * @param nodes whom it strikes; of a fault of a member first the culprit, then its accomplices
 * @param chance of all the numbers drawn for it
 */
public record Incident(
    String kind, long atMillis, long forMillis, List<String> nodes, long chance) {
  public Incident {
    nodes = List.copyOf(nodes);
  }

  /** The end of what lasts. */
  public long endMillis() {
    return atMillis + forMillis;
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%7.2f s%s  %s %s",
        atMillis / 1_000.0,
        forMillis > 0 ? String.format(Locale.ROOT, " for %.1f s", forMillis / 1_000.0) : "",
        kind,
        String.join(", ", nodes));
  }
}
