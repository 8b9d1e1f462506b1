package org.probity.benchmarks.load;

import java.util.Arrays;

/** Latencies, every single one of them. Not thread-safe while they are added. */
public final class Latencies {
  private static final int FIRST_CAPACITY = 1024;

  private long[] nanos = new long[FIRST_CAPACITY];
  private int count;
  private boolean sorted;

  public void add(long latencyNanos) {
    if (count == nanos.length) {
      nanos = Arrays.copyOf(nanos, 2 * count);
    }
    nanos[count++] = latencyNanos;
    sorted = false;
  }

  public int count() {
    return count;
  }

  /**
   * What a share of them did not exceed, in milliseconds, by nearest rank; NaN if there are none.
   *
   * @param share above 0 and at most 1
   */
  public double millis(double share) {
    if (count == 0) {
      return Double.NaN;
    }
    if (!sorted) {
      Arrays.sort(nanos, 0, count);
      sorted = true;
    }
    int rank = (int) Math.ceil(share * count);
    return nanos[Math.max(rank, 1) - 1] / 1e6;
  }
}
