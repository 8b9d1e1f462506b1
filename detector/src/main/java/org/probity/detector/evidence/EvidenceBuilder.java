package org.probity.detector.evidence;

import java.util.List;
import java.util.stream.LongStream;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.VerifiedAudit;
import org.probity.detector.crypto.Hash;
import org.probity.detector.governance.SignedBallot;
import org.probity.detector.log.ForkPath;
import org.probity.detector.log.HashReader;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.Multiproof;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.state.StateWitness;

/**
 * Assembles the bytes of evidence files. They are candidates and nothing more: only {@link
 * EvidenceVerifier} makes {@link Evidence} of them.
 *
 * <p>The readers must hold the very log that the checkpoint is about, at least as far as it
 * reaches; otherwise the file will be rejected, which harms nobody.
 */
public final class EvidenceBuilder {
  private final Hash networkId;
  private final List<Bytes> decisions;

  /** Against logs and members that genesis knows. */
  public EvidenceBuilder(Hash networkId) {
    this(networkId, List.of());
  }

  /**
   * Against a later incarnation of a node, or by one.
   *
   * @param decisions all from the first to the one that approved the incarnation; see {@link
   *     org.probity.detector.governance.DecisionChain#enrolling}
   */
  public EvidenceBuilder(Hash networkId, List<Bytes> decisions) {
    this.networkId = networkId;
    this.decisions = List.copyOf(decisions);
  }

  /** FORK from two checkpoints of one size with different roots, in either order. */
  public Bytes fork(SignedCheckpoint one, SignedCheckpoint other) {
    if (one.size() != other.size()) {
      throw new IllegalArgumentException(
          "sizes " + one.size() + " and " + other.size() + " need a path");
    }
    boolean inOrder = ForkJudge.compare(one.head(), other.head()) <= 0;
    return file(
        new EvidenceFile.Fork(
            (inOrder ? one : other).bytes(), (inOrder ? other : one).bytes(), List.of()));
  }

  /**
   * FORK from a checkpoint that is no prefix of a larger one.
   *
   * @param log the log that {@code larger} is about
   */
  public Bytes fork(SignedCheckpoint smaller, SignedCheckpoint larger, HashReader log) {
    return smaller.size() == larger.size()
        ? fork(smaller, larger)
        : fork(smaller, larger, ForkPath.build(log, smaller.size(), larger.size()));
  }

  /**
   * FORK from a checkpoint that is no prefix of a larger one.
   *
   * @param path as {@link ForkPath#build} makes it, out of the log that {@code larger} is about
   */
  public Bytes fork(SignedCheckpoint smaller, SignedCheckpoint larger, List<Hash> path) {
    return file(new EvidenceFile.Fork(smaller.bytes(), larger.bytes(), path));
  }

  /**
   * INVALID_ENTRY.
   *
   * @param checkpoint covers all of them
   * @param code the rule they break, see {@link EntryCheck}
   * @param indices exactly the entries it takes to show it, ascending
   */
  public Bytes invalidEntry(
      SignedCheckpoint checkpoint, String code, List<Long> indices, LogReader log) {
    return file(
        new EvidenceFile.InvalidEntry(
            checkpoint.bytes(), entries(checkpoint.size(), code, indices, log)));
  }

  /**
   * INVALID_TRANSITION.
   *
   * @param checkpoint covers all of them
   * @param first index of the STATE or GENESIS that execution starts from
   * @param last index of the first entry that differs from execution
   * @param witness what that execution looks at
   */
  public Bytes invalidTransition(
      SignedCheckpoint checkpoint, long first, long last, LogReader log, StateWitness witness) {
    return file(
        new EvidenceFile.InvalidTransition(
            checkpoint.bytes(), batch(checkpoint.size(), first, last, log, witness)));
  }

  /**
   * FALSE_AUDIT by entries that break a rule without state; as {@link #invalidEntry}, under the
   * root of the AUDIT.
   *
   * @param code the rule the ward broke, or that the AUDIT ends in mid-batch: see {@link
   *     EntryExhibits#misplacedAudit}
   * @param log the ward's
   */
  public Bytes falseAudit(VerifiedAudit audit, String code, List<Long> indices, LogReader log) {
    long size = audit.content().to().size();
    return file(new EvidenceFile.FalseAudit(audit.encoded(), entries(size, code, indices, log)));
  }

  /** FALSE_AUDIT by execution; as {@link #invalidTransition}, under the root of the AUDIT. */
  public Bytes falseAudit(
      VerifiedAudit audit, long first, long last, LogReader log, StateWitness witness) {
    long size = audit.content().to().size();
    return file(
        new EvidenceFile.FalseAudit(audit.encoded(), batch(size, first, last, log, witness)));
  }

  private static EvidenceFile.Entries entries(
      long size, String code, List<Long> indices, LogReader log) {
    return new EvidenceFile.Entries(
        code,
        indices.stream().map(index -> new Exhibit(index, log.entry(index))).toList(),
        Multiproof.build(log, size, indices));
  }

  private static EvidenceFile.Batch batch(
      long size, long first, long last, LogReader log, StateWitness witness) {
    return new EvidenceFile.Batch(
        first,
        LongStream.rangeClosed(first, last).mapToObj(log::entry).toList(),
        Multiproof.buildRange(log, size, first, last + 1),
        witness.encoded());
  }

  /** DOUBLE_BALLOT from two ballots of one member in one round, in either order. */
  public Bytes doubleBallot(SignedBallot one, SignedBallot other) {
    boolean inOrder = BallotJudge.ORDER.compare(one, other) <= 0;
    return file(
        new EvidenceFile.DoubleBallot(
            (inOrder ? one : other).encoded(), (inOrder ? other : one).encoded()));
  }

  private Bytes file(EvidenceFile.Content content) {
    return new EvidenceFile(networkId, decisions, content).encode();
  }
}
