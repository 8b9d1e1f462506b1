package org.probity.detector.trust;

import org.probity.detector.evidence.Evidence;

/**
 * How an application learns what the detector concludes (protocol.md §8.3). Called on the core's
 * thread after the conclusion, once per change; must return quickly and must not throw.
 */
public interface TrustListener {

  /** {@code evidence} is the first proof against the node. */
  void exposed(String node, Evidence evidence);

  /**
   * The node has not answered in time what a correct node can answer; may end.
   *
   * @param reason for people
   */
  default void suspected(String node, String reason) {}

  /** The node has answered: it is not suspected any more. */
  default void trusted(String node) {}
}
