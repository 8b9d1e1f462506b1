package org.probity.node.cli;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.probity.detector.audit.EmbeddedCheckpoints;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.CheckpointVerifier;
import org.probity.detector.commitment.FinalLog;
import org.probity.detector.commitment.VerifiedCheckpoint;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.SignedCheckpoint;

/**
 * What a revocation fixes (protocol.md §13.4), out of the copies of the log that nodes hold: the
 * longest that anybody has, and what it took in from every peer. Who does not answer, or answers
 * with something else than the log, does not count.
 */
public final class Revocations {
  private final Genesis genesis;
  private final Collection<NodeApi> holders;

  public Revocations(Genesis genesis, Collection<NodeApi> holders) {
    this.genesis = genesis;
    this.holders = List.copyOf(holders);
  }

  /** The revocation of a suspended node; empty if nobody asked holds its log. */
  public Optional<Action.RevokeNode> of(NodeRecord node) {
    return byLength(node).stream()
        .flatMap(holder -> fetched(node, holder).stream())
        .findFirst()
        .map(log -> FinalLog.revocation(genesis, node, log));
  }

  /**
   * Whether a proposed revocation says what the log says up to its head; empty if nobody asked
   * holds the log so far. The longest copy is looked at, which may be longer than that.
   */
  public Optional<Boolean> isTrue(Action.RevokeNode proposed) {
    return genesis
        .node(proposed.node())
        .flatMap(
            node ->
                byLength(node).stream()
                    .flatMap(holder -> fetched(node, holder).stream())
                    .filter(log -> log.size() >= proposed.last().size())
                    .findFirst()
                    .map(
                        log ->
                            FinalLog.revocation(
                                    genesis, node, new Prefix(log, proposed.last().size()))
                                .equals(proposed)));
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
    return genesis.nodes().stream()
        .filter(peer -> !peer.equals(node))
        .flatMap(
            peer ->
                byLength(peer).stream()
                    .flatMap(holder -> fetched(peer, holder).stream())
                    .findFirst()
                    .flatMap(log -> largest(genesis, node, log, log.size()))
                    .map(shown -> new Beyond(peer.node(), shown))
                    .stream())
        .filter(beyond -> beyond.size() > size)
        .max(Comparator.comparingLong(Beyond::size));
  }

  /** Size of the largest checkpoint of the node's log in the first entries of another one. */
  static Optional<Long> largest(Genesis genesis, NodeRecord node, LogReader log, long end) {
    CheckpointVerifier checkpoints = new CheckpointVerifier(genesis);
    return LongStream.range(0, end)
        .mapToObj(index -> EmbeddedCheckpoints.in(log.entry(index), checkpoints))
        .flatMap(Optional::stream)
        .filter(checkpoint -> checkpoint.author().equals(node))
        .map(VerifiedCheckpoint::size)
        .max(Comparator.naturalOrder());
  }

  /** The first entries of a log. */
  private record Prefix(LogReader log, long size) implements LogReader {
    @Override
    public Bytes entry(long index) {
      return log.entry(index);
    }

    @Override
    public Hash node(int level, long index) {
      return log.node(level, index);
    }
  }

  private record Held(NodeApi holder, long size) {}

  private List<NodeApi> byLength(NodeRecord node) {
    return holders.stream()
        .flatMap(holder -> size(node, holder).map(size -> new Held(holder, size)).stream())
        .sorted(Comparator.comparingLong(Held::size).reversed())
        .map(Held::holder)
        .toList();
  }

  private Optional<Long> size(NodeRecord node, NodeApi holder) {
    try {
      Optional<byte[]> note =
          holder.find(LogSource.replicaPrefix(genesis.origin(node)) + "/checkpoint");
      if (note.isEmpty()) {
        return Optional.empty();
      }
      SignedCheckpoint checkpoint = SignedCheckpoint.parse(Bytes.wrap(note.get()));
      return checkpoint.origin().equals(genesis.origin(node))
              && checkpoint.isSignedBy(SignatureRule.fastest(), node.logKey())
          ? Optional.of(checkpoint.size())
          : Optional.empty();
    } catch (DecodeException | CliException e) {
      return Optional.empty();
    }
  }

  private Optional<DownloadedLog> fetched(NodeRecord node, NodeApi holder) {
    try {
      return Optional.of(
          DownloadedLog.fetch(
              LogSource.ofReplica(holder, genesis.origin(node)),
              genesis,
              Optional.of(node.node())));
    } catch (DownloadedLog.Mismatch | CliException e) {
      return Optional.empty();
    }
  }
}
