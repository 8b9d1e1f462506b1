package org.probity.simulation.node;

import org.probity.detector.audit.AuditBudget;
import org.probity.detector.node.Patience;

/**
 * How fast a node's shell does what it does from time to time. Milliseconds of virtual time.
 *
 * @param clockMillis between two looks at the clock
 * @param roundMillis of one audit round
 * @param lookMillis between two looks at what wards owe
 * @param auditMillis between two AUDITs about one ward
 * @param budget of one audit round
 * @param patience before others are challenged and suspected
 */
public record Pace(
    long clockMillis,
    long roundMillis,
    long lookMillis,
    long auditMillis,
    AuditBudget budget,
    Patience patience) {

  /** A round takes a second, twenty times what it takes by default: a seed has fewer of them. */
  public static Pace standard(AuditBudget budget) {
    return new Pace(1_000, 1_000, 1_000, 2_000, budget, Patience.standard());
  }
}
