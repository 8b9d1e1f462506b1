package org.probity.scoring;

import java.util.List;
import java.util.Map;

/**
 * How much a peer deserves to be audited first, in a model's opinion, and why. It is advice: it
 * proves nothing, and nobody is accused on its ground.
 *
 * @param score between 0 and {@link #MAX}: robust standard deviations above the peer's own usual
 * @param byModel what each model said
 * @param reasons the features that contributed most, at most {@link #MAX_REASONS}
 */
public record Suspicion(double score, Map<String, Double> byModel, List<Reason> reasons) {
  public static final double MAX = 20;
  public static final int MAX_REASONS = 3;

  /** Without a model nobody is suspicious. */
  public static final Suspicion NONE = new Suspicion(0, Map.of(), List.of());

  /**
   * One feature's part.
   *
   * @param feature its name
   * @param normalised its value, in robust standard deviations from the peers' median
   * @param contribution what it adds to the squared Mahalanobis distance
   */
  public record Reason(String feature, double normalised, double contribution) {}
}
