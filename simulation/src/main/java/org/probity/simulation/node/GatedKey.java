package org.probity.simulation.node;

import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.PublicKey;
import org.probity.detector.crypto.Signer;

/** The log key of one process, behind its boot gate (protocol.md §11.1). */
final class GatedKey implements Signer {
  private final Signer key;
  private boolean isOpen;

  GatedKey(Signer key) {
    this.key = key;
  }

  void open() {
    isOpen = true;
  }

  @Override
  public PublicKey publicKey() {
    return key.publicKey();
  }

  /**
   * A signature.
   *
   * @throws IllegalStateException while the gate is closed
   */
  @Override
  public Bytes sign(Bytes message) {
    if (!isOpen) {
      throw new IllegalStateException("signs with its gate closed");
    }
    return key.sign(message);
  }
}
