package org.probity.detector.log;

import org.probity.detector.crypto.Hash;

/**
 * Where the tree maths gets its hashes from: a store, a set of tiles, an array in a test.
 *
 * <p>Only <em>complete</em> subtrees are ever asked for, so an answer never changes once it exists
 * and every implementation may cache without invalidation. A log of {@code n} entries can answer
 * for all {@code (level, index)} with {@code (index + 1) * 2^level <= n}.
 */
@FunctionalInterface
public interface HashReader {
  /**
   * The RFC 6962 hash of the leaves {@code [index * 2^level, (index + 1) * 2^level)}.
   *
   * @throws IndexOutOfBoundsException if the log is too short to have that subtree (our bug); an
   *     implementation that reads from somewhere may also throw what its disk deserves. Hashes that
   *     came from a peer must be verified before they stand behind this interface.
   */
  Hash node(int level, long index);
}
