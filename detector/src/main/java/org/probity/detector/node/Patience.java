package org.probity.detector.node;

/**
 * How long this node waits for others, by its own clock. Whatever is set here changes when somebody
 * is suspected, never whether something is proven (protocol.md §6.5).
 *
 * @param unacknowledgedMillis from the first attempt to deliver messages to a challenge
 * @param unlinkedMillis from a checkpoint that cannot be linked to a challenge
 * @param overdueMillis from the first attempt to put a challenge to its target to suspicion
 */
public record Patience(long unacknowledgedMillis, long unlinkedMillis, long overdueMillis) {
  private static final Patience STANDARD = new Patience(5_000, 5_000, 10_000);

  public Patience {
    if (unacknowledgedMillis < 0 || unlinkedMillis < 0 || overdueMillis < 0) {
      throw new IllegalArgumentException("patience is not negative");
    }
  }

  /** Longer than a restart of a node takes, shorter than an operator's attention. */
  public static Patience standard() {
    return STANDARD;
  }
}
