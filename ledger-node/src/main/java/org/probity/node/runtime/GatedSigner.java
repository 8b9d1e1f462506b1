package org.probity.node.runtime;

import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.PublicKey;
import org.probity.detector.crypto.Signer;
import org.probity.node.http.ProblemException;
import org.probity.node.http.Problems;

/**
 * The log key or the cosigner's behind the boot gate (protocol.md §11.1): it signs nothing before
 * {@link #open}. Whatever in a node signs with that key takes this type, so that no part can be
 * given the key itself. Thread-safe.
 */
final class GatedSigner implements Signer {
  private final Signer key;
  private volatile boolean isOpen;
  private volatile @Nullable ProblemException shut;

  GatedSigner(Signer key) {
    this.key = key;
  }

  /** The boot gate is open: from now on it signs. */
  void open() {
    isOpen = true;
  }

  /**
   * From now on it signs nothing any more.
   *
   * @param reason thrown at whoever would sign with it, so that all say the same
   */
  void shut(ProblemException reason) {
    shut = reason;
  }

  boolean isOpen() {
    return isOpen;
  }

  @Override
  public PublicKey publicKey() {
    return key.publicKey();
  }

  /**
   * A signature.
   *
   * @throws ProblemException {@code not_ready} while the gate is closed; why it is shut, once it is
   */
  @Override
  public Bytes sign(Bytes message) {
    if (!isOpen) {
      throw Problems.notReady("this node signs nothing before others have said what they know", 1);
    }
    ProblemException reason = shut;
    if (reason != null) {
      throw reason;
    }
    return key.sign(message);
  }

  @Override
  public String toString() {
    return key.toString();
  }
}
