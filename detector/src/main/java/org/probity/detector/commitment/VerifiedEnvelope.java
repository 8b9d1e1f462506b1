package org.probity.detector.commitment;

/**
 * An envelope whose checkpoint is signed by the node it came from. Made by {@link
 * CheckpointVerifier#envelope} only; what else is in it is still to be checked. Immutable.
 */
public final class VerifiedEnvelope {
  private final Envelope envelope;
  private final VerifiedCheckpoint checkpoint;

  /** For {@link CheckpointVerifier} only. */
  VerifiedEnvelope(Envelope envelope, VerifiedCheckpoint checkpoint) {
    this.envelope = envelope;
    this.checkpoint = checkpoint;
  }

  /** The node that sent it and signed its checkpoint. */
  public String from() {
    return checkpoint.author().node();
  }

  public Envelope envelope() {
    return envelope;
  }

  public VerifiedCheckpoint checkpoint() {
    return checkpoint;
  }
}
