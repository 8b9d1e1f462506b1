package org.probity.scoring;

import java.util.Arrays;

/** Order statistics. */
final class Robust {
  /** Makes the median absolute deviation of a normal distribution its standard deviation. */
  static final double MAD_TO_SIGMA = 1.4826;

  private Robust() {}

  /** The quantile with linear interpolation; 0 of nothing. O(n log n). */
  static double quantile(double[] values, double share) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return quantileOfSorted(sorted, share);
  }

  static double quantileOfSorted(double[] sorted, double share) {
    if (sorted.length == 0) {
      return 0;
    }
    double at = share * (sorted.length - 1);
    int below = (int) Math.floor(at);
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
  }

  static double median(double[] values) {
    return quantile(values, 0.5);
  }

  /** The median absolute deviation from {@code median}, scaled to a standard deviation. */
  static double sigma(double[] values, double median) {
    return MAD_TO_SIGMA * median(Arrays.stream(values).map(v -> Math.abs(v - median)).toArray());
  }

  static double clip(double value, double limit) {
    return Math.max(-limit, Math.min(limit, value));
  }
}
