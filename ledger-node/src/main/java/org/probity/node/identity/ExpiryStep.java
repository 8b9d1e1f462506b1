package org.probity.node.identity;

import java.time.Duration;
import java.time.Instant;

/** How soon a certificate ends, in the steps in which its operator is told. */
public enum ExpiryStep {
  FAR,
  /** Less than 30 days: time to ask the authority. */
  MONTH,
  /** Less than 14 days. */
  FORTNIGHT,
  /** Less than 3 days. */
  DAYS,
  /** Nobody accepts it any more. */
  OVER;

  private static final Duration MONTH_LEFT = Duration.ofDays(30);
  private static final Duration FORTNIGHT_LEFT = Duration.ofDays(14);
  private static final Duration DAYS_LEFT = Duration.ofDays(3);

  public static ExpiryStep of(Instant end, Instant now) {
    Duration left = Duration.between(now, end);
    if (left.isNegative()) {
      return OVER;
    }
    if (left.compareTo(DAYS_LEFT) < 0) {
      return DAYS;
    }
    if (left.compareTo(FORTNIGHT_LEFT) < 0) {
      return FORTNIGHT;
    }
    return left.compareTo(MONTH_LEFT) < 0 ? MONTH : FAR;
  }
}
