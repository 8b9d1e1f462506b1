package org.probity.benchmarks.load;

/**
 * What came of a load.
 *
 * @param statements answered durably
 * @param transfers in them
 * @param nanos from the first request to the last answer
 * @param throttled answers with 429
 * @param latencies of each request; one that was throttled counts from its first attempt
 */
public record LoadReport(
    long statements, long transfers, long nanos, long throttled, Latencies latencies) {

  public double transfersPerSecond() {
    return transfers * 1e9 / nanos;
  }
}
