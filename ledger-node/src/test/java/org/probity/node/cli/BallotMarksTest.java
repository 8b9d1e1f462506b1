package org.probity.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.crypto.Hash;
import org.probity.detector.governance.Ballot;
import org.probity.detector.governance.Citations;
import org.probity.detector.governance.Stance;

/** SPEC protocol.md §13.3: the mark is durable before a ballot leaves, and forbids a second one. */
class BallotMarksTest {
  @TempDir Path directory;

  private static Ballot ballot(long epoch, Stance stance) {
    return new Ballot(epoch, Hash.sha256(), 0, "member-a", stance, "", Citations.NONE);
  }

  private Path key() {
    return directory.resolve("governance.pem");
  }

  private String refusal(Ballot ballot, boolean hasVoted) throws Exception {
    try (BallotMarks marks = BallotMarks.beside(key())) {
      return assertThrows(CliException.class, () -> marks.keep(ballot, hasVoted)).code();
    }
  }

  private void keep(Ballot ballot) throws Exception {
    try (BallotMarks marks = BallotMarks.beside(key())) {
      marks.keep(ballot, false);
    }
  }

  @Test
  void outlivesTheProcessAndAllowsTheSameBallotOnly() throws Exception {
    Stance choice = Stance.of(Hash.sha256(new byte[] {1}));
    keep(ballot(3, choice));
    keep(ballot(3, choice));
    assertEquals("already_voted", refusal(ballot(3, Stance.NONE), true));
    assertEquals("already_voted", refusal(ballot(2, Stance.NONE), true));
    keep(ballot(4, Stance.NONE));
    try (BallotMarks marks = BallotMarks.beside(key())) {
      assertEquals(Optional.of(ballot(4, Stance.NONE).mark()), marks.last());
    }
  }

  @Test
  void aMissingMarkOfWhoHasVotedIsLostAndNotNew() throws Exception {
    assertEquals("ballot_mark_lost", refusal(ballot(0, Stance.NONE), true));
  }

  @Test
  void aDamagedMarkIsRefused() throws Exception {
    Files.write(directory.resolve("governance.pem.ballot-mark"), new byte[] {1, 2, 3});
    assertEquals("ballot_mark_malformed", refusal(ballot(0, Stance.NONE), false));
  }

  @Test
  void oneProcessVotesAtATime() throws Exception {
    try (BallotMarks first = BallotMarks.beside(key())) {
      assertEquals(
          "ballot_mark_busy",
          assertThrows(CliException.class, () -> BallotMarks.beside(key())).code());
      assertEquals(Optional.empty(), first.last());
    }
  }
}
