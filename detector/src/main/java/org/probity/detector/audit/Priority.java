package org.probity.detector.audit;

import java.util.function.DoubleSupplier;

/**
 * How much a ward deserves to be audited next, in the opinion of something that may be wrong,
 * broken or an attacker's: a hint for {@link AuditSchedule}, which is the only class that can read
 * it.
 *
 * <p>Whatever the opinion was, a priority is between 0 and {@link #MAX}. NaN, an infinity, an
 * exception and no opinion at all are 0 (protocol.md §9). A floating-point number is fit for it
 * because it never enters a state machine, a log or a proof.
 */
public final class Priority {
  /** Where the scorers cap their scores too. */
  public static final double MAX = 20;

  /** No reason to hurry. */
  public static final Priority NONE = new Priority(0);

  private final double value;

  private Priority(double value) {
    this.value = value;
  }

  /** The score as far as it counts. */
  public static Priority of(double score) {
    // SPEC protocol.md §9: NaN, exception or missing model = 0.
    return Double.isFinite(score) && score > 0 ? new Priority(Math.min(score, MAX)) : NONE;
  }

  /**
   * What the model says, and 0 if it throws instead. Errors of the virtual machine pass through.
   */
  public static Priority from(DoubleSupplier model) {
    try {
      return of(model.getAsDouble());
    } catch (RuntimeException e) {
      return NONE;
    }
  }

  /** For the schedule alone; a rule of the build says so. */
  double value() {
    return value;
  }

  @Override
  public String toString() {
    return "Priority[" + value + "]";
  }
}
