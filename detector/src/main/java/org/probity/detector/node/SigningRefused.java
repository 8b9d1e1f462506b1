package org.probity.detector.node;

/**
 * The signer would not sign what the log has become: our log is not the newest that this key has
 * signed for. The node must stop (protocol.md §11).
 */
public final class SigningRefused extends RuntimeException {
  private static final long serialVersionUID = 1L;

  SigningRefused(String message) {
    super(message);
  }
}
