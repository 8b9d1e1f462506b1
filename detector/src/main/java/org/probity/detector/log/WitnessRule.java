package org.probity.detector.log;

import java.util.List;
import org.probity.detector.crypto.Hash;

/**
 * What a witness concludes from a checkpoint whose signature it has verified, given the head it has
 * durably cosigned last (C2SP tlog-witness; protocol §6.3). Pure: the caller checks and stores in
 * one atomic step, before it answers.
 */
public final class WitnessRule {
  private WitnessRule() {}

  /** The conclusion, and with it what has to be kept. */
  public enum Verdict {
    /** It extends the held head: store it, then cosign. */
    ADVANCE,
    /** It is the held head: cosign again. */
    SAME,
    /** The old size is above the checkpoint's own: a malformed request, 400. */
    OLD_ABOVE_NEW,
    /** The old size is not the held one: answer 409 with the held size. */
    WRONG_OLD_SIZE,
    /** Another root at the held size: 422. The checkpoint is fork evidence; keep it. */
    FORK,
    /**
     * The proof does not link it: 422. An honest log gets this too if somebody sends a junk proof
     * with its checkpoint, so keep the checkpoint and raise a consistency challenge.
     */
    UNLINKED
  }

  /** Judges the offered head. At most 128 hashes. */
  public static Verdict judge(
      TreeHead held, long oldSize, TreeHead offered, List<Hash> consistency) {
    if (oldSize > offered.size()) {
      return Verdict.OLD_ABOVE_NEW;
    }
    if (oldSize != held.size()) {
      return Verdict.WRONG_OLD_SIZE;
    }
    if (offered.size() == held.size()) {
      if (!offered.root().equals(held.root())) {
        return Verdict.FORK;
      }
      return consistency.isEmpty() ? Verdict.SAME : Verdict.UNLINKED;
    }
    // Every log extends the empty one: nothing to prove, and a proof of it must be empty.
    boolean isLinked =
        held.size() == 0
            ? consistency.isEmpty()
            : MerkleProofs.verifyConsistency(held, offered, consistency);
    return isLinked ? Verdict.ADVANCE : Verdict.UNLINKED;
  }
}
