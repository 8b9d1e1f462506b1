package org.probity.node.runtime;

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
  private volatile boolean isShut;

  GatedSigner(Signer key) {
    this.key = key;
  }

  /** The boot gate is open: from now on it signs. */
  void open() {
    isOpen = true;
  }

  /** From now on it signs nothing any more: another process goes on with this key. */
  void shut() {
    isShut = true;
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
   * @throws ProblemException {@code not_ready} while the gate is closed, and once it is shut
   */
  @Override
  public Bytes sign(Bytes message) {
    if (!isOpen) {
      throw Problems.notReady("this node signs nothing before others have said what they know", 1);
    }
    if (isShut) {
      throw Problems.notReady("another process signs with the key of this node", 1);
    }
    return key.sign(message);
  }

  @Override
  public String toString() {
    return key.toString();
  }
}
