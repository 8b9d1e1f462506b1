package org.probity.detector.program;

import java.nio.charset.StandardCharsets;
import org.probity.detector.crypto.Hash;

/**
 * The rules around every program, which an audit and the evidence verifier execute again just as
 * they execute the program: which entries there are and what each does to the system's state, that
 * state's keys and values, what is refused, and how the state becomes a root. They have a version,
 * and the program id that GENESIS names covers it (protocol §3.4): else an upgrade of a witness
 * alone would convict a node that went on doing what it did.
 *
 * <pre>{@code program id = SHA-256("probity-system/7" 0x00 "probity-ledger/1 rules 5")}</pre>
 */
public final class SystemRules {
  /**
   * Change with every change of what any entry means or does, however small. The test of golden
   * transcripts fails until this is done.
   */
  public static final String VERSION = "probity-system/7";

  /**
   * What the inputs of one batch may cost in a proof, in bytes: their entries and the footprints
   * that the program states. With the checkpoint, the inclusion proof and the system's own keys a
   * proof of a fault in any batch stays within 64 KiB (protocol §8.1).
   */
  public static final int MAX_FOOTPRINT_BYTES = 56 * 1024;

  /**
   * What one message may cost of that, so that it can be received alone: the rest is for its
   * sender's checkpoint and the proof that it is in the sender's log.
   */
  public static final int MAX_MESSAGE_FOOTPRINT_BYTES = MAX_FOOTPRINT_BYTES - 4 * 1024;

  private SystemRules() {}

  /**
   * The id of a program under these rules.
   *
   * @param rules name and version of the program's own rules, without a zero character
   */
  public static Hash programId(String rules) {
    return Hash.sha256((VERSION + '\0' + rules).getBytes(StandardCharsets.UTF_8));
  }
}
