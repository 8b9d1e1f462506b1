package org.probity.scoring;

import java.util.List;

/**
 * How a model scores what it was trained on, on its own scale.
 *
 * @param usual the median
 * @param spread the interquartile range, and at least what means anything on the model's scale: of
 *     an idle time most rows are alike, and then any trifle would be many times the range
 */
record Calibration(double usual, double spread) {

  static Calibration of(SuspicionScorer scorer, List<double[]> rows, double leastSpread) {
    double[] raw = rows.stream().mapToDouble(scorer::raw).toArray();
    return new Calibration(
        Robust.median(raw),
        Math.max(leastSpread, Robust.quantile(raw, 0.75) - Robust.quantile(raw, 0.25)));
  }
}
