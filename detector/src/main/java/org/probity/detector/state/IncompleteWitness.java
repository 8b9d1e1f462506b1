package org.probity.detector.state;

/**
 * An operation on a tree opened from a witness needs a subtree the witness does not disclose.
 *
 * <p>Not an error of ours: whoever made the witness left something out. It is unchecked because
 * programs, written against {@link StateView}, know nothing of witnesses; it is caught in exactly
 * one place, {@link StateWitness#execute}, which also notices when a program swallowed it.
 */
public final class IncompleteWitness extends RuntimeException {
  private static final long serialVersionUID = 1L;

  IncompleteWitness() {
    super("the witness does not disclose this part of the state", null, false, false);
  }
}
