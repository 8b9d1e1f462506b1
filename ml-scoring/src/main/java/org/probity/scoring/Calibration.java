package org.probity.scoring;

import java.util.List;

/**
 * How a model scores what it was trained on, on its own scale.
 *
 * @param usual the median
 * @param spread the interquartile range
 */
record Calibration(double usual, double spread) {

  static Calibration of(SuspicionScorer scorer, List<double[]> rows) {
    double[] raw = rows.stream().mapToDouble(scorer::raw).toArray();
    return new Calibration(
        Robust.median(raw), Robust.quantile(raw, 0.75) - Robust.quantile(raw, 0.25));
  }
}
