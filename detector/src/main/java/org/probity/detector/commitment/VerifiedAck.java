package org.probity.detector.commitment;

/**
 * An ack whose checkpoint is signed by the node it came from. Made by {@link
 * CheckpointVerifier#ack} only; what else is in it is still to be checked. Immutable.
 */
public final class VerifiedAck {
  private final Ack ack;
  private final VerifiedCheckpoint checkpoint;

  /** For {@link CheckpointVerifier} only. */
  VerifiedAck(Ack ack, VerifiedCheckpoint checkpoint) {
    this.ack = ack;
    this.checkpoint = checkpoint;
  }

  /** The node that sent it and signed its checkpoint. */
  public String from() {
    return checkpoint.author().node();
  }

  public Ack ack() {
    return ack;
  }

  public VerifiedCheckpoint checkpoint() {
    return checkpoint;
  }
}
