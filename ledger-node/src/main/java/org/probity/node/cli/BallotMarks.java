package org.probity.node.cli;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.governance.Ballot;
import org.probity.detector.governance.BallotMark;
import org.probity.node.store.StoreFiles;

/**
 * The last ballot a member signed, in a file beside its governance key, {@code
 * governance.pem.ballot-mark} (protocol.md §13.3). It is durable before a ballot is signed, so that
 * a crash, a second window or a hasty change of mind never makes two different ballots of one
 * round: those would be a proof against the member.
 *
 * <p>Who moves the key to another machine moves the mark with it.
 */
final class BallotMarks implements AutoCloseable {
  private static final String SUFFIX = ".ballot-mark";

  private final Path file;
  private final FileChannel channel;
  private final FileLock lock;

  private BallotMarks(Path file, FileChannel channel, FileLock lock) {
    this.file = file;
    this.channel = channel;
    this.lock = lock;
  }

  /** The mark beside a key; one process at a time. */
  static BallotMarks beside(Path key) throws IOException {
    Path absolute = key.toAbsolutePath();
    Path file = absolute.resolveSibling(absolute.getFileName() + SUFFIX);
    FileChannel channel =
        FileChannel.open(
            absolute.resolveSibling(absolute.getFileName() + SUFFIX + ".lock"),
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE);
    try {
      FileLock lock = channel.tryLock();
      if (lock != null) {
        return new BallotMarks(file, channel, lock);
      }
    } catch (OverlappingFileLockException e) {
      channel.close();
      throw busy(key);
    }
    channel.close();
    throw busy(key);
  }

  private static CliException busy(Path key) {
    return new CliException(
        ExitStatus.ERROR, "ballot_mark_busy", "somebody is just voting with " + key);
  }

  Optional<BallotMark> last() throws IOException {
    if (Files.notExists(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(BallotMark.decode(Bytes.wrap(Files.readAllBytes(file))));
    } catch (DecodeException e) {
      throw CliException.config("ballot_mark_malformed", file + ": " + e.getMessage());
    }
  }

  /**
   * Keeps the mark of a ballot that is about to be signed. Durable when it returns.
   *
   * @param hasVoted whether ballots of the member are known elsewhere: then a missing mark is a
   *     lost one
   * @throws CliException if signing it could prove a double ballot
   */
  void keep(Ballot ballot, boolean hasVoted) throws IOException {
    Optional<BallotMark> last = last();
    if (last.isEmpty() && hasVoted) {
      throw new CliException(
          ExitStatus.ERROR,
          "ballot_mark_lost",
          ballot.member()
              + " has voted before, but "
              + file
              + " is missing: copy it from where that was done; voting without it could prove a"
              + " double ballot");
    }
    BallotMark next =
        BallotMark.next(last, ballot)
            .orElseThrow(
                () ->
                    new CliException(
                        ExitStatus.ERROR,
                        "already_voted",
                        ballot.member()
                            + " has signed a ballot in epoch "
                            + last.orElseThrow().epoch()
                            + ", round "
                            + last.orElseThrow().round()
                            + "; an earlier one, or another one there, could prove a double"
                            + " ballot"));
    StoreFiles.replace(
        file.getParent() == null ? Path.of(".") : file.getParent(),
        String.valueOf(file.getFileName()),
        next.encode().toArray());
  }

  @Override
  public void close() throws IOException {
    lock.release();
    channel.close();
  }
}
