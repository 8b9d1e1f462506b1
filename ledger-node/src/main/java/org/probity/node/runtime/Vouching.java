package org.probity.node.runtime;

/**
 * Up to where a node signs that a ward's log is as it must be.
 *
 * <p>A correct node has one answer, {@link #REPLAYED}. Whoever signs more can be proven to have
 * lied (FALSE_AUDIT).
 */
@FunctionalInterface
public interface Vouching {
  /** Exactly what was replayed clean. */
  Vouching REPLAYED = (auditedSize, storedSize) -> auditedSize;

  /**
   * A size of the ward's log, at most {@code storedSize}; on any thread.
   *
   * @param auditedSize entries replayed clean, up to a STATE
   * @param storedSize entries that are here
   */
  long size(long auditedSize, long storedSize);
}
