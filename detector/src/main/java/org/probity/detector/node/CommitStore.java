package org.probity.detector.node;

import java.io.IOException;
import org.probity.detector.log.LogAppend;
import org.probity.detector.log.SigningMark;

/**
 * Where a node's own log becomes durable. One implementation per kind of disk; {@link #commit} is
 * the single door to {@link Durable}.
 */
public abstract class CommitStore {

  /**
   * Writes entries, tree, checkpoint and signing mark in one atomic durable step, and the mark's
   * second copy, before it returns. If it throws, nobody knows what is on disk: the caller stops
   * the node for good and never tries again (after a failed fdatasync the next one may lie).
   */
  protected abstract void persist(LogAppend append, SigningMark mark) throws IOException;

  /** Makes a commit durable; blocking. */
  public final Durable commit(Commit commit) throws IOException {
    // SPEC protocol.md §4.6: nothing leaves before the durable write.
    persist(commit.append(), commit.mark());
    return new Durable(commit.append().newSize());
  }
}
