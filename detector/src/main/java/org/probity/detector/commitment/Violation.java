package org.probity.detector.commitment;

import java.util.Optional;
import org.probity.detector.log.EntryBody;

/**
 * A rule of the protocol that an entry or message breaks, as a value: peers' bytes never throw.
 *
 * @param kind which sort of proof shows it
 * @param code stable, lower_snake
 * @param message for people
 * @param expected what execution gives in place of the entry, if there is one answer to that
 */
public record Violation(Kind kind, String code, String message, Optional<EntryBody> expected) {

  /** How much one must know to see it. */
  public enum Kind {
    /** Visible in the entries alone: INVALID_ENTRY. */
    ENTRY,
    /** Visible with the state before it: INVALID_TRANSITION. */
    TRANSITION
  }

  public static Violation entry(String code, String message) {
    return new Violation(Kind.ENTRY, code, message, Optional.empty());
  }

  public static Violation transition(String code, String message) {
    return new Violation(Kind.TRANSITION, code, message, Optional.empty());
  }

  /** Execution gives another entry than the one that was logged. */
  public static Violation transition(String code, String message, EntryBody expected) {
    return new Violation(Kind.TRANSITION, code, message, Optional.of(expected));
  }
}
