package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.TestKeys;
import org.probity.node.actions.ActionFiles;
import org.probity.node.actions.ActionHistory;
import org.probity.node.actions.ActionLog;
import org.probity.node.http.ActionRecord;

class ActionDeskTest {
  private static final Hash NETWORK = Hash.sha256(new byte[0]);
  private static final Signer KEY = Signer.of(TestKeys.RFC_1);

  @TempDir Path directory;

  private ActionFiles files() {
    return ActionFiles.of(directory.resolve("operators.log"), directory.resolve("marks"));
  }

  private ActionLog log() {
    return new ActionLog(files(), NETWORK, "bank-a", () -> KEY, Clock.systemUTC());
  }

  private List<String> recorded() throws IOException {
    ActionHistory history =
        ActionHistory.read(files(), NETWORK, "bank-a", List.of(KEY.publicKey().toBytes()));
    assertEquals(List.of(), history.problems());
    return history.entries().stream().map(entry -> entry.what() + " " + entry.about()).toList();
  }

  /** Strangers cannot fill the disk, or push out what operators have done. */
  @Test
  void writesOneRefusalAMinuteAndCountsTheOthers() throws IOException {
    AtomicLong nowMillis = new AtomicLong();
    ActionDesk desk = new ActionDesk(log(), nowMillis::get);
    for (int i = 0; i < 1000; i++) {
      desk.record("anonymous", ActionRecord.REFUSED, "first", "unauthenticated");
    }
    desk.record("operator", "audit.run", "bank-b", "done");
    nowMillis.set(ActionDesk.REFUSAL_MILLIS - 1);
    desk.record("anonymous", ActionRecord.REFUSED, "still", "unauthenticated");
    nowMillis.set(ActionDesk.REFUSAL_MILLIS);
    desk.record("anonymous", ActionRecord.REFUSED, "second", "unauthenticated");
    desk.close();

    assertEquals(
        List.of(
            "refused first",
            "audit.run bank-b",
            "refused second; and 1000 others in the minutes before"),
        recorded());
    assertEquals(3, desk.entries());
  }

  /** Noise of strangers is no cover for somebody who is known. */
  @Test
  void writesOneRefusalAMinuteOfEachCaller() throws IOException {
    ActionDesk desk = new ActionDesk(log(), () -> 0);
    desk.record("anonymous", ActionRecord.REFUSED, "noise", "unauthenticated");
    desk.record("operator-1", ActionRecord.REFUSED, "known", "forbidden");
    desk.record("operator-1", ActionRecord.REFUSED, "again", "forbidden");
    desk.record("anonymous", ActionRecord.REFUSED, "more noise", "unauthenticated");
    desk.close();

    assertEquals(List.of("refused noise", "refused known"), recorded());
  }

  /** It is on the disk: nothing is lost, and what is wrong with the head is said. */
  @Test
  void countsAnEntryAlsoIfItsHeadCannotBeWritten() throws IOException {
    Files.createDirectories(files().head().resolve("a folder, and not empty"));
    ActionDesk desk = new ActionDesk(log());

    assertTrue(desk.recordNow("local", "node.start", "", "done"));

    assertEquals(0, desk.lost());
    // That there was no head is an entry, too.
    assertEquals(2, desk.entries());
    assertTrue(
        desk.warnings().get(0).reason().contains("operators.head"), desk.warnings()::toString);
    desk.close();
  }

  /** The number that is watched from elsewhere does not fall at a restart. */
  @Test
  void knowsHowManyThereAreBeforeItHasWrittenOne() throws IOException {
    ActionDesk desk = new ActionDesk(log());
    assertEquals(0, desk.entries());
    for (int i = 0; i < 3; i++) {
      assertTrue(desk.recordNow("local", "node.start", "", "done"));
    }
    desk.close();
    assertEquals(3, new ActionDesk(log()).entries());
    Files.delete(files().head());
    assertEquals(3, new ActionDesk(log()).entries());

    // What the head remembers is missing, and was written; so was that the head was missing.
    desk.recordNow("local", "node.start", "", "done");
    Files.delete(files().log());
    assertEquals(5, new ActionDesk(log()).entries());
  }

  /** Also what nobody has thought of. */
  @Test
  void countsWhatFailsOnItsOwnThread() {
    ActionLog keyless =
        new ActionLog(
            files(),
            NETWORK,
            "bank-a",
            () -> {
              throw new IllegalStateException("no key");
            },
            Clock.systemUTC());
    ActionDesk desk = new ActionDesk(keyless);
    desk.record("operator", "audit.run", "bank-b", "done");
    desk.close();

    assertEquals(1, desk.lost());
    assertTrue(desk.warnings().get(0).reason().contains("no key"), desk.warnings()::toString);
  }

  @Test
  void saysWhatItCouldNotRecord() throws IOException {
    // A folder stands where the file should be.
    Files.createDirectories(files().log());
    ActionDesk desk = new ActionDesk(log());

    assertFalse(desk.recordNow("local", "node.start", "", "done"));
    assertEquals(1, desk.lost());
    assertEquals("log of operators' actions", desk.warnings().get(0).name());

    Files.delete(files().log());
    assertTrue(desk.recordNow("local", "node.start", "", "done"));
    assertEquals(List.of(), desk.warnings());
    desk.close();
  }
}
