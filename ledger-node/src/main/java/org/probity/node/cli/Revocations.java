package org.probity.node.cli;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.LongStream;
import org.probity.detector.audit.EmbeddedCheckpoints;
import org.probity.detector.commitment.CheckpointVerifier;
import org.probity.detector.commitment.FinalLog;
import org.probity.detector.commitment.VerifiedCheckpoint;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.log.LogReader;

/**
 * What a revocation fixes (protocol.md §13.4), out of the copies of the log that nodes hold: the
 * longest that anybody has, and what it took in from every peer. Who does not answer, or answers
 * with something else than the log, does not count.
 */
public final class Revocations {
  private final DecisionChain decisions;
  private final LogCopies copies;

  /**
   * @param decisions whose keys are whose
   * @param holders who is asked for logs
   */
  public Revocations(DecisionChain decisions, Collection<NodeApi> holders) {
    this.decisions = decisions;
    this.copies = new LogCopies(decisions.genesis(), holders);
  }

  /** The revocation of a suspended node; empty if nobody asked holds its log. */
  public Optional<Action.RevokeNode> of(NodeRecord node) {
    return copies.of(node).findFirst().map(log -> revocation(node, log));
  }

  /**
   * Whether a proposed revocation says what the log says up to its head; empty if nobody asked
   * holds the log so far. The longest copy is looked at, which may be longer than that.
   */
  public Optional<Boolean> isTrue(Action.RevokeNode proposed) {
    long size = proposed.last().size();
    return decisions
        .keys()
        .present(proposed.node())
        .flatMap(
            node ->
                copies
                    .of(node)
                    .filter(log -> log.size() >= size)
                    .findFirst()
                    .map(
                        log -> revocation(node, new LogCopies.Prefix(log, size)).equals(proposed)));
  }

  private Action.RevokeNode revocation(NodeRecord node, LogReader log) {
    return FinalLog.revocation(
        decisions, decisions.keys().log(node.node(), node.incarnation()).orElseThrow(), log);
  }

  /**
   * That somebody has logged an acknowledgement, or a message, under a longer log than any that is
   * held: what the culprit took in there stays pending for ever once it is revoked.
   *
   * @param peer in whose log that stands
   * @param size of the culprit's log in it
   */
  public record Beyond(String peer, long size) {}

  /**
   * SPEC protocol.md §13.4: the highest checkpoint of the node's log that anyone can substantiate,
   * if it is larger than {@code size}. Reads the logs of all others, as far as nodes hold them.
   */
  public Optional<Beyond> beyond(NodeRecord node, long size) {
    return decisions.keys().present().stream()
        .filter(peer -> !peer.equals(node))
        .flatMap(
            peer ->
                copies
                    .of(peer)
                    .findFirst()
                    .flatMap(log -> largest(decisions, node, log, log.size()))
                    .map(shown -> new Beyond(peer.node(), shown))
                    .stream())
        .filter(beyond -> beyond.size() > size)
        .max(Comparator.comparingLong(Beyond::size));
  }

  /** Size of the largest checkpoint of the node's log in the first entries of another one. */
  static Optional<Long> largest(DecisionChain decisions, NodeRecord node, LogReader log, long end) {
    CheckpointVerifier checkpoints = new CheckpointVerifier(() -> decisions);
    return LongStream.range(0, end)
        .mapToObj(index -> EmbeddedCheckpoints.in(log.entry(index), checkpoints))
        .flatMap(Optional::stream)
        .filter(checkpoint -> checkpoint.author().equals(node))
        .map(VerifiedCheckpoint::size)
        .max(Comparator.naturalOrder());
  }
}
