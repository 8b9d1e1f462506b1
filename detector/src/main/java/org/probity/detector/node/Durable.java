package org.probity.detector.node;

/**
 * Proof that a commit is on disk. Its only source is {@link CommitStore#commit}; whoever holds one
 * may release what that commit promised.
 */
public final class Durable {
  private final long size;

  Durable(long size) {
    this.size = size;
  }

  /** Size of the log that is durable. */
  public long size() {
    return size;
  }
}
