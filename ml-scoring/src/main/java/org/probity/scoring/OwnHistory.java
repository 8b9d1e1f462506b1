package org.probity.scoring;

/**
 * One peer's scores against its own past: {@code (s - median of the last 240 s) / scale}, capped at
 * +-20. {@code s} is the raw score, smoothed exponentially, because misbehaviour lasts and chance
 * does not. Causal: an epoch is compared with earlier ones only.
 *
 * <p>The scale is the model's interquartile range over its training rows and not that of the
 * window: after a quiet hour the window's own would make a trifle look like a disaster.
 */
final class OwnHistory {
  static final int WINDOW = 240;
  static final double WEIGHT_OF_NEWEST = 0.3;

  private final double[] window = new double[WINDOW];
  private final double scale;
  private int seen;
  private double smoothed;

  /**
   * @param spread of the raw scores over the model's training rows
   */
  OwnHistory(double spread) {
    this.scale = Math.max(spread, 1e-9);
  }

  /**
   * The score of the next epoch. O(WINDOW log WINDOW).
   *
   * @param raw the model's score less what is usual
   */
  double next(double raw) {
    smoothed += WEIGHT_OF_NEWEST * (raw - smoothed);
    // What the window lacks yet is 0, as usual.
    double score = Robust.clip((smoothed - Robust.median(window)) / scale, Suspicion.MAX);
    window[seen++ % WINDOW] = smoothed;
    return score;
  }
}
