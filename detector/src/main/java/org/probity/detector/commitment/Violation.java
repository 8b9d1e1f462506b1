package org.probity.detector.commitment;

/**
 * A rule of the protocol that an entry or message breaks, as a value: peers' bytes never throw.
 *
 * @param kind which sort of proof shows it
 * @param code stable, lower_snake
 * @param message for people
 */
public record Violation(Kind kind, String code, String message) {

  /** How much one must know to see it. */
  public enum Kind {
    /** Visible in the entries alone: INVALID_ENTRY. */
    ENTRY,
    /** Visible with the state before it: INVALID_TRANSITION. */
    TRANSITION
  }

  public static Violation entry(String code, String message) {
    return new Violation(Kind.ENTRY, code, message);
  }

  public static Violation transition(String code, String message) {
    return new Violation(Kind.TRANSITION, code, message);
  }
}
