package org.probity.node.runtime;

import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.PublicKey;
import org.probity.detector.crypto.Signer;
import org.probity.detector.node.RunSign;
import org.probity.node.http.ProblemException;
import org.probity.node.http.Problems;

/**
 * The log key or the cosigner's behind the boot gate (protocol.md §11.1): it signs nothing before
 * {@link #open}. Whatever in a node signs with that key takes this type, or {@link RunSigner}, so
 * that no part can be given the key itself. Thread-safe.
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
    refuseOnceShut();
    return key.sign(message);
  }

  private void refuseOnceShut() {
    ProblemException reason = shut;
    if (reason != null) {
      throw reason;
    }
  }

  /** The same key in front of the gate, for signs of life and nothing else. */
  RunSigner ofRuns(Hash networkId) {
    return new RunSigner() {
      @Override
      public PublicKey publicKey() {
        return key.publicKey();
      }

      @Override
      public Bytes sign(RunSign sign) {
        refuseOnceShut();
        return sign.sign(networkId, key);
      }
    };
  }

  @Override
  public String toString() {
    return key.toString();
  }
}
