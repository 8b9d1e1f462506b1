package org.probity.detector.log;

import java.util.List;
import org.probity.detector.crypto.Hash;

/**
 * The path inside FORK evidence: it shows that two heads of one log cannot both be honest.
 *
 * <p>For sizes {@code m < n} it is a consistency path taken from the <em>larger</em> log, except
 * that its seed, the widest complete subtree ending at {@code m}, is always written out, also when
 * it is the whole smaller tree (m a power of two) and a consistency proof would leave it to the
 * verifier. The hashes fix the larger root; because SHA-256 has no collisions they are then the
 * nodes of the larger log, and the root they yield for its first {@code m} leaves is the only one
 * an honest log can have signed for size {@code m}. The smaller head carries another: a fork. For
 * {@code m = n} two different roots speak for themselves and the path is empty.
 *
 * <p>An honest log cannot be framed: all its heads are prefixes of one tree, so every path that
 * reproduces the larger root yields the smaller one. Every hash enters the larger root, so every
 * bit of the path is load-bearing. At most {@link MerkleProofs#MAX_HASHES} hashes.
 */
public final class ForkPath {
  private ForkPath() {}

  /** What a path says about two heads. The names are stable. */
  public enum Verdict {
    /** The two heads contradict each other. */
    FORK,
    /** The path links them: the larger log extends the smaller one. No fault. */
    CONSISTENT,
    /** Sizes are zero or not in order, or the path has not the one length they admit. */
    MALFORMED,
    /** The path does not reproduce the larger root, so it proves nothing. */
    WRONG_PATH
  }

  /**
   * The path for sizes {@code smaller <= larger} out of the log that has the larger head. Reads at
   * most {@code 2 log2 larger} nodes.
   */
  public static List<Hash> build(HashReader larger, long smallerSize, long largerSize) {
    return MerkleProofs.seeded(larger, smallerSize, largerSize);
  }

  /** Judges two heads of one log by a path. Total; at most 128 hashes computed. */
  public static Verdict judge(TreeHead smaller, TreeHead larger, List<Hash> path) {
    if (smaller.size() <= 0 || smaller.size() > larger.size()) {
      return Verdict.MALFORMED;
    }
    if (smaller.size() == larger.size()) {
      if (!path.isEmpty()) {
        return Verdict.MALFORMED;
      }
      return smaller.root().equals(larger.root()) ? Verdict.CONSISTENT : Verdict.FORK;
    }
    return MerkleProofs.linkedRoots(smaller.size(), larger.size(), path)
        .map(roots -> compare(smaller, larger, roots))
        .orElse(Verdict.MALFORMED);
  }

  private static Verdict compare(
      TreeHead smaller, TreeHead larger, MerkleProofs.LinkedRoots roots) {
    if (!roots.newer().equals(larger.root())) {
      return Verdict.WRONG_PATH;
    }
    return roots.older().equals(smaller.root()) ? Verdict.CONSISTENT : Verdict.FORK;
  }
}
