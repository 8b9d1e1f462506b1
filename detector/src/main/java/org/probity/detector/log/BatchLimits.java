package org.probity.detector.log;

/**
 * How large a batch may be (protocol §4.3): at most {@code maxEntries} entries, TICK and STATE
 * included, and at most {@code maxBytes} bytes of encoded entries. A batch of exactly one input and
 * its outputs, with or without a TICK, may be larger, or a large transaction could not be logged at
 * all. The genesis document sets both; they bound what INVALID_TRANSITION evidence has to carry.
 */
public record BatchLimits(int maxEntries, int maxBytes) {
  /** 32 entries, 16 KiB. */
  public static final BatchLimits DEFAULT = new BatchLimits(32, 16 * 1024);

  public BatchLimits {
    if (maxEntries < 3 || maxBytes < 256) {
      throw new IllegalArgumentException(
          "no batch fits " + maxEntries + " entries and " + maxBytes + " bytes");
    }
  }

  /** Whether a batch of so many inputs, entries and bytes breaks the limits. */
  boolean isBrokenBy(int inputs, long entries, long bytes) {
    return inputs > 1 && (entries > maxEntries || bytes > maxBytes);
  }
}
