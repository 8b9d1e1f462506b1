package org.probity.ledger.program;

/**
 * The state holds what these rules never write. Happens only when rules are replayed on a state
 * that somebody else's faulty node has signed; caught by {@link LedgerProgram}, where it is an
 * outcome like any other, because a program never throws.
 */
final class CorruptState extends RuntimeException {
  private static final long serialVersionUID = 1L;

  CorruptState(String message) {
    super(message, null, false, false);
  }
}
