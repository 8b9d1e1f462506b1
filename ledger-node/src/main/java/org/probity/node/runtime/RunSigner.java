package org.probity.node.runtime;

import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.PublicKey;
import org.probity.detector.node.RunSign;
import org.probity.node.http.ProblemException;

/**
 * All that the log key does before the boot gate is open (protocol.md §11.5): it signs signs of
 * life, which promise nothing about a log. Made by {@link GatedSigner#ofRuns} alone, and shut with
 * it. Thread-safe.
 */
interface RunSigner {
  /** Whose signs these are. */
  PublicKey publicKey();

  /**
   * As it is sent.
   *
   * @throws ProblemException why the key is shut, once it is
   */
  Bytes sign(RunSign sign);
}
