package org.probity.detector;

import java.util.SplittableRandom;

/**
 * Random tests that can be replayed.
 *
 * <pre>{@code
 * Seeded.run(1_000, random -> {
 *   byte[] value = Seeded.bytes(random, 64);
 *   assertEquals(...);
 * });
 * }</pre>
 *
 * <p>Each case has its own seed. A failing case is rethrown with the seed in its message, and
 * {@code -Dprobity.seed=<seed>} runs just that case. The seeds themselves are derived from the case
 * number, so a build gives the same verdict twice; {@code -Dprobity.seed=random} explores.
 */
public final class Seeded {
  /** One test case; may throw what it likes. */
  @FunctionalInterface
  public interface Case {
    void run(SplittableRandom random) throws Exception;
  }

  private Seeded() {}

  /** Runs {@code cases} cases, or the one named by {@code probity.seed}. */
  public static void run(int cases, Case test) {
    String given = System.getProperty("probity.seed", "");
    if (given.equals("random")) {
      long base = System.nanoTime();
      for (int i = 0; i < cases; i++) {
        runOne(base + i, test);
      }
    } else if (!given.isEmpty()) {
      runOne(Long.parseLong(given), test);
    } else {
      for (int i = 0; i < cases; i++) {
        runOne(i, test);
      }
    }
  }

  /** A byte string of exactly {@code length} random bytes. */
  public static byte[] bytes(SplittableRandom random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  /** A byte string of 0 to {@code maxLength} random bytes. */
  public static byte[] bytesUpTo(SplittableRandom random, int maxLength) {
    return bytes(random, random.nextInt(maxLength + 1));
  }

  /** A non-negative long, all magnitudes equally likely, so that boundaries are met. */
  public static long magnitude(SplittableRandom random) {
    return random.nextLong() >>> (1 + random.nextInt(63));
  }

  private static void runOne(long seed, Case test) {
    try {
      test.run(new SplittableRandom(seed));
    } catch (Exception | AssertionError e) {
      throw new AssertionError(
          "case with seed " + seed + " failed, replay with -Dprobity.seed=" + seed + ": " + e, e);
    }
  }
}
