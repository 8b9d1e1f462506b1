package org.probity.node.cli;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.SignedCheckpoint;

/**
 * The copies of a log that nodes hold under a checkpoint of the keys that wrote it, the longest
 * first. Who does not answer, or answers with something else than the log, does not count.
 */
final class LogCopies {
  private final Genesis genesis;
  private final Collection<NodeApi> holders;

  LogCopies(Genesis genesis, Collection<NodeApi> holders) {
    this.genesis = genesis;
    this.holders = List.copyOf(holders);
  }

  /** Each is fetched and checked when it is looked at, not before. */
  Stream<DownloadedLog> of(NodeRecord author) {
    return byLength(author).stream().flatMap(holder -> fetched(author, holder).stream());
  }

  private record Held(NodeApi holder, long size) {}

  private List<NodeApi> byLength(NodeRecord author) {
    return holders.stream()
        .flatMap(holder -> size(author, holder).map(size -> new Held(holder, size)).stream())
        .sorted(Comparator.comparingLong(Held::size).reversed())
        .map(Held::holder)
        .toList();
  }

  private Optional<Long> size(NodeRecord author, NodeApi holder) {
    try {
      Optional<byte[]> note =
          holder.find(LogSource.replicaPrefix(genesis.origin(author)) + "/checkpoint");
      if (note.isEmpty()) {
        return Optional.empty();
      }
      SignedCheckpoint checkpoint = SignedCheckpoint.parse(Bytes.wrap(note.get()));
      return checkpoint.origin().equals(genesis.origin(author))
              && checkpoint.isSignedBy(SignatureRule.fastest(), author.logKey())
          ? Optional.of(checkpoint.size())
          : Optional.empty();
    } catch (DecodeException | CliException e) {
      return Optional.empty();
    }
  }

  private Optional<DownloadedLog> fetched(NodeRecord author, NodeApi holder) {
    try {
      return Optional.of(
          DownloadedLog.fetch(
              LogSource.ofReplica(holder, genesis.origin(author)), genesis, author));
    } catch (DownloadedLog.Mismatch | CliException e) {
      return Optional.empty();
    }
  }

  /** The first entries of a log. */
  record Prefix(LogReader log, long size) implements LogReader {
    @Override
    public Bytes entry(long index) {
      return log.entry(index);
    }

    @Override
    public Hash node(int level, long index) {
      return log.node(level, index);
    }
  }
}
