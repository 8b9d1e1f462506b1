package org.probity.detector.log;

import java.util.Optional;

/** What an entry records (protocol §4.2), and the part it plays in a batch (§4.3). */
public enum EntryType {
  GENESIS(0, Role.START),
  TRANSACTION(1, Role.INPUT),
  SEND(2, Role.OUTPUT),
  RECEIVE(3, Role.INPUT),
  ACK(4, Role.INPUT),
  TICK(5, Role.CLOCK),
  CHALLENGE(6, Role.INPUT),
  DECISION(7, Role.INPUT),
  FLOOR(8, Role.INPUT),
  STATE(9, Role.END);

  /** Terminals of the grammar {@code START (CLOCK? (INPUT OUTPUT*)* END)*}. */
  public enum Role {
    START,
    CLOCK,
    INPUT,
    OUTPUT,
    END
  }

  private static final EntryType[] BY_CODE = values();

  private final int code;
  private final Role role;

  EntryType(int code, Role role) {
    this.code = code;
    this.role = role;
  }

  /** The number on the wire; never reused. */
  public int code() {
    return code;
  }

  public Role role() {
    return role;
  }

  /** Whether a batch is complete after an entry of this type, so that a checkpoint may end here. */
  public boolean completesBatch() {
    return role == Role.END || role == Role.START;
  }

  /** The type with this code; nothing for a code that no version of the format has. */
  public static Optional<EntryType> ofCode(long code) {
    return code >= 0 && code < BY_CODE.length ? Optional.of(BY_CODE[(int) code]) : Optional.empty();
  }
}
