package org.probity.node.access;

/**
 * How much one caller may ask for.
 *
 * @param perSecond requests; as many may come at once after a second without any
 * @param inFlight requests under way
 */
public record RequestLimits(int perSecond, int inFlight) {
  public static final int MAX = 1_000_000;

  /** Where nothing else is configured. */
  public static RequestLimits standard() {
    return new RequestLimits(1000, 128);
  }

  public RequestLimits {
    if (!isLimit(perSecond) || !isLimit(inFlight)) {
      throw new IllegalArgumentException("from 1 to " + MAX + ": " + perSecond + ", " + inFlight);
    }
  }

  /** Whether a limit may be this. */
  public static boolean isLimit(long number) {
    return number >= 1 && number <= MAX;
  }
}
