package org.probity.detector.node;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.detector.log.LogAppend;
import org.probity.detector.log.Origin;
import org.probity.detector.log.SigningMark;

/**
 * Where a node's own log, and what it holds of others, become durable. One implementation per kind
 * of disk; {@link #commit} is the single door to {@link Durable}.
 */
public abstract class CommitStore {

  /** What the own log grows by, with the signing mark to write in the same step. */
  public record Growth(LogAppend append, SigningMark mark) {}

  /**
   * Writes entries, tree, checkpoint, signing mark and views in one atomic durable step, and the
   * mark's second copy, before it returns. If it throws, nobody knows what is on disk: the caller
   * stops the node for good and never tries again (after a failed fdatasync the next one may lie).
   *
   * @param views by log, each replacing what was written of that log before
   */
  protected abstract void persist(Optional<Growth> growth, Map<Origin, Bytes> views)
      throws IOException;

  /** Makes a commit durable; blocking. */
  public final Durable commit(Commit commit) throws IOException {
    // SPEC protocol.md §4.6: nothing leaves before the durable write.
    persist(commit.growth(), commit.views());
    return new Durable(commit.newSize());
  }
}
