package org.probity.node.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.governance.Assembly;
import org.probity.detector.governance.Ballot;
import org.probity.detector.governance.BallotMark;
import org.probity.detector.governance.Poll;
import org.probity.detector.governance.SignedBallot;
import org.probity.node.store.StoreFiles;

/**
 * The newest {@value #KEPT} ballots of a member as they were handed in, in a file beside its
 * governance key, {@code governance.pem.ballots}; of each epoch the last one. The node at which one
 * was cast may be lost with it, or keep it to itself, and the member may not sign another in its
 * place: so the same is handed in elsewhere, with those of earlier rounds that it rests on, which
 * may not be known there either.
 *
 * <pre>{@code file = [* [mark: bstr, [* ballot: bstr]]]}</pre>
 *
 * <p>Not needed for safety: that is what {@link BallotMarks} are for, whose lock guards this, too.
 */
final class SaidBallots {
  static final int KEPT = 8;

  private static final String SUFFIX = ".ballots";

  private final Path file;

  /**
   * A ballot.
   *
   * @param ballots it, behind all of earlier rounds that were known where it was drafted
   */
  record Said(BallotMark mark, List<Bytes> ballots) {
    Said {
      ballots = List.copyOf(ballots);
    }

    static Said of(Poll poll, Ballot ballot, Bytes signed) {
      return new Said(
          ballot.mark(),
          Stream.concat(
                  poll.ballots().stream()
                      .filter(cast -> cast.ballot().round() < ballot.round())
                      .map(SignedBallot::encoded),
                  Stream.of(signed))
              .toList());
    }
  }

  SaidBallots(Path key) {
    Path absolute = key.toAbsolutePath();
    this.file = absolute.resolveSibling(absolute.getFileName() + SUFFIX);
  }

  /**
   * What the member said in this epoch, if nobody has heard it where the assembly was read.
   *
   * @throws CliException {@code ballots_malformed}
   */
  Optional<Said> unheard(Assembly assembly, String member) throws IOException {
    return read().stream()
        .filter(said -> said.mark().epoch() == assembly.epoch())
        .filter(said -> said.mark().previous().equals(assembly.lastDecision()))
        .filter(
            said ->
                assembly.poll().all().stream()
                    .map(SignedBallot::ballot)
                    .filter(heard -> heard.member().equals(member))
                    .noneMatch(heard -> heard.round() >= said.mark().round()))
        .findFirst();
  }

  /** Keeps one more; durable when it returns. */
  void keep(Said said) throws IOException {
    List<Said> all = new ArrayList<>(read());
    all.removeIf(before -> before.mark().epoch() == said.mark().epoch());
    all.add(said);
    List<Said> newest = all.subList(Math.max(0, all.size() - KEPT), all.size());
    CborWriter out = new CborWriter().array(newest.size());
    for (Said one : newest) {
      out.array(2).bytes(one.mark().encode()).array(one.ballots().size());
      one.ballots().forEach(out::bytes);
    }
    StoreFiles.replace(
        file.getParent() == null ? Path.of(".") : file.getParent(),
        String.valueOf(file.getFileName()),
        out.toBytes().toArray());
  }

  private List<Said> read() throws IOException {
    if (Files.notExists(file)) {
      return List.of();
    }
    try {
      CborReader in = new CborReader(Bytes.wrap(Files.readAllBytes(file)));
      List<Said> all = new ArrayList<>();
      for (int left = in.arrayHeaderUpTo(KEPT); left > 0; left--) {
        in.arrayHeader(2);
        BallotMark mark = BallotMark.decode(in.bytes());
        List<Bytes> ballots = new ArrayList<>();
        for (int more = in.arrayHeaderUpTo(Poll.MAX_BALLOTS); more > 0; more--) {
          ballots.add(in.bytesUpTo(Ballot.MAX_STATEMENT_BYTES));
        }
        all.add(new Said(mark, ballots));
      }
      in.end();
      return all;
    } catch (DecodeException e) {
      throw CliException.config(
          "ballots_malformed",
          file + ": " + e.getMessage() + "; take it away: what was cast is kept at the nodes, too");
    }
  }
}
