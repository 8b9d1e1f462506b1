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
 * <pre>{@code program id = SHA-256("probity-system/2" 0x00 "probity-ledger/1 rules 3")}</pre>
 */
public final class SystemRules {
  /**
   * Change with every change of what any entry means or does, however small. The test of golden
   * transcripts fails until this is done.
   */
  public static final String VERSION = "probity-system/2";

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
