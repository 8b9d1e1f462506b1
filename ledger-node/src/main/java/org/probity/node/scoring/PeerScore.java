package org.probity.node.scoring;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * How much a model would like a peer to be audited first, and why. Advice, not evidence.
 *
 * @param score from 0 to 20
 * @param byModel what each model said
 * @param reasons the features that contributed most, at most three
 */
public record PeerScore(double score, Map<String, Double> byModel, List<Reason> reasons) {

  /** Without a model nobody is suspicious. */
  public static final PeerScore NONE = new PeerScore(0, Map.of(), List.of());

  /**
   * One feature's part.
   *
   * @param feature lower_snake
   * @param value as it was measured; empty if it is not this peer's alone
   * @param unit of the value
   * @param normalised robust standard deviations from the median of the peers
   * @param contribution to the squared distance from what is usual
   */
  public record Reason(
      String feature, OptionalDouble value, String unit, double normalised, double contribution) {}
}
