package org.probity.detector.audit;

import java.util.List;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.Replay;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.governance.Action;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.TreeHead;

/**
 * What the approval of a node's next incarnation says about the log it closes (protocol.md §11.3):
 * everybody who holds the log up to the close gets the same, so members can propose it alike and
 * check it before they vote.
 *
 * <p>Only a log that replays clean is gone on with: the next incarnation would repeat what is wrong
 * in it, and answer for it.
 */
public final class ClosedLog {
  private ClosedLog() {}

  /** What {@link #replay} comes to. */
  public sealed interface Outcome {}

  /**
   * The log is what a correct node writes, and ends where a checkpoint may.
   *
   * @param close all of it
   * @param stateRoot where the next incarnation goes on
   * @param tickMillis ledger time there; no TICK of the next may be below
   */
  public record Clean(TreeHead close, Hash stateRoot, long tickMillis) implements Outcome {

    /**
     * The action that lets the next incarnation begin where this log ends.
     *
     * @param enrolment the member's statement for the new keys
     */
    public Action.ApproveIncarnation approval(Bytes enrolment) {
      return new Action.ApproveIncarnation(enrolment, close, stateRoot, tickMillis, List.of());
    }
  }

  /** The node has logged what no correct one does: that is to be proven, not to be gone on with. */
  public record Broken(Finding finding) implements Outcome {}

  /**
   * The log ends inside of a batch, where no checkpoint may be.
   *
   * @param size up to the last STATE
   */
  public record Unfinished(long size) implements Outcome {}

  /**
   * Replays a log. Linear in it; the cost of a whole audit.
   *
   * @param machine of the incarnation that is to be closed, and those before it
   * @param log exactly up to the close
   * @throws IllegalStateException if the program fails on it here: a bug of ours, which says
   *     nothing about the node
   */
  public static Outcome replay(Machine machine, LogReader log) {
    ConformanceAudit audit = new ConformanceAudit(machine);
    StatementVerifier statements =
        new StatementVerifier(machine.genesis().signatures(), machine.genesis().networkId());
    for (long index = 0; index < log.size() && audit.goesOn(); index++) {
      audit.feed(Replay.prepare(log.entry(index), machine.self().node(), statements));
    }
    audit
        .undecided()
        .ifPresent(
            failed -> {
              throw new IllegalStateException(
                  "the program fails on entry " + failed.index(), failed.cause());
            });
    if (audit.finding().isPresent()) {
      return new Broken(audit.finding().get());
    }
    return audit.auditedSize() < log.size()
        ? new Unfinished(audit.auditedSize())
        : new Clean(
            new TreeHead(log.size(), MerkleProofs.rootAt(log, log.size())),
            audit.auditedState().root(),
            Machine.system(audit.auditedState()).tickMillis());
  }
}
