package org.probity.detector.log;

/**
 * A part of a log that is there cannot be read back: the disk has lost it, or what it gave fails
 * its hash. Raised by a {@link LogReader}, never by a peer's bytes.
 *
 * <p>Whoever wanted the part goes without it. Nothing is signed over what was read, so a node that
 * meets this in an old part of its log goes on; what it needs to go on from is verified at start.
 */
public final class UnreadableLogException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UnreadableLogException(String message, Throwable cause) {
    super(message, cause);
  }
}
