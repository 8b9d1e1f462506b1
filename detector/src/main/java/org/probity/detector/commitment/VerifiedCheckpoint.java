package org.probity.detector.commitment;

import org.probity.detector.codec.Bytes;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.log.Origin;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.TreeHead;

/**
 * A checkpoint whose signature is valid under the log key of a node of the consortium. Only {@link
 * CheckpointVerifier} makes one, so a method that takes this type cannot be handed anything
 * unverified, and nobody verifies twice.
 *
 * <p>It says that the author signed it, and no more. Immutable.
 */
public final class VerifiedCheckpoint {
  private final SignedCheckpoint signed;
  private final NodeRecord author;

  /** For {@link CheckpointVerifier} only. */
  VerifiedCheckpoint(SignedCheckpoint signed, NodeRecord author) {
    this.signed = signed;
    this.author = author;
  }

  public SignedCheckpoint signed() {
    return signed;
  }

  /** The node that signed, with the log key that verified the signature. */
  public NodeRecord author() {
    return author;
  }

  public Origin origin() {
    return signed.origin();
  }

  public TreeHead head() {
    return signed.head();
  }

  public long size() {
    return signed.size();
  }

  /** The exact bytes that were verified. */
  public Bytes bytes() {
    return signed.bytes();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof VerifiedCheckpoint that && signed.equals(that.signed);
  }

  @Override
  public int hashCode() {
    return signed.hashCode();
  }

  @Override
  public String toString() {
    return "VerifiedCheckpoint[" + signed + "]";
  }
}
