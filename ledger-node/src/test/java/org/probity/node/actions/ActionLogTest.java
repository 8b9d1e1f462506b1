package org.probity.node.actions;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.GoldenFile;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.TestKeys;

/** What is written can be read, and what is done to it afterwards shows. */
class ActionLogTest {
  private static final Hash NETWORK = Hash.sha256(Bytes.utf8("probity example genesis").toArray());
  private static final Clock CLOCK =
      Clock.fixed(Instant.ofEpochMilli(1_795_384_800_000L), ZoneOffset.UTC);
  private static final Signer KEY = Signer.of(TestKeys.RFC_1);
  private static final Signer OTHER = Signer.of(TestKeys.RFC_2);

  @TempDir Path directory;

  private ActionFiles files() {
    return ActionFiles.of(directory.resolve("operators.log"), directory.resolve("marks"));
  }

  private ActionLog log() {
    return log(KEY, ActionLog.MAX_FILE_BYTES);
  }

  private ActionLog log(Signer key, long maxFileBytes) {
    return new ActionLog(files(), NETWORK, "bank-a", () -> key, CLOCK, maxFileBytes);
  }

  private static void write(ActionLog log, int entries) throws IOException {
    for (int i = 0; i < entries; i++) {
      log.append("local", "audit.run", "bank-" + i, "done");
    }
  }

  private ActionHistory read(Signer... keys) throws IOException {
    List<Bytes> known = new ArrayList<>();
    for (Signer key : keys) {
      known.add(key.publicKey().toBytes());
    }
    return ActionHistory.read(files(), NETWORK, "bank-a", known);
  }

  private List<String> what() throws IOException {
    return read(KEY, OTHER).entries().stream().map(ActionEntry::what).toList();
  }

  private List<String> lines() throws IOException {
    return new ArrayList<>(Files.readAllLines(files().log()));
  }

  private void putLines(List<String> lines) throws IOException {
    Files.writeString(files().log(), lines.isEmpty() ? "" : String.join("\n", lines) + "\n");
  }

  private void assertBroken(String why) throws IOException {
    List<String> problems = read(KEY).problems();
    assertTrue(problems.stream().anyMatch(problem -> problem.contains(why)), problems.toString());
  }

  @Test
  void readsWhatWasWritten() throws IOException {
    write(log(), 3);

    ActionHistory history = read(KEY);
    assertEquals(List.of(), history.problems());
    assertEquals(
        List.of("bank-0", "bank-1", "bank-2"),
        history.entries().stream().map(ActionEntry::about).toList());
    assertEquals(CLOCK.millis(), history.entries().get(2).atMillis());
  }

  @Test
  void hasNothingBeforeTheFirstEntry() throws IOException {
    assertEquals(new ActionHistory(List.of(), List.of()), read(KEY));
  }

  @Test
  void showsWhatWasChanged() throws IOException {
    write(log(), 5);
    List<String> whole = lines();

    List<String> one = new ArrayList<>(whole);
    one.remove(2);
    putLines(one);
    assertBroken("entry 3 does not follow entry 1");

    List<String> swapped = new ArrayList<>(whole);
    swapped.set(1, whole.get(2));
    swapped.set(2, whole.get(1));
    putLines(swapped);
    assertBroken("entry 2 does not follow entry 0");

    List<String> begun = new ArrayList<>(whole);
    begun.remove(0);
    putLines(begun);
    assertBroken("the log begins with entry 1");

    List<String> garbled = new ArrayList<>(whole);
    garbled.set(
        3,
        whole
            .get(3)
            .replace(whole.get(3).charAt(300), whole.get(3).charAt(300) == 'A' ? 'B' : 'A'));
    putLines(garbled);
    assertBroken("the line after entry 2 is none");

    putLines(whole.subList(0, 4));
    assertBroken("the log ends with 3, and entry 4 was written");
    Files.delete(files().log());
    assertBroken("the log ends with none, and entry 4 was written");
    putLines(whole);
    assertEquals(List.of(), read(KEY).problems());
  }

  /** Who has no key cannot write it anew; who has it and not the head is found by the head. */
  @Test
  void showsWhatWasWrittenAnew() throws IOException {
    write(log(), 3);
    ActionFiles forged =
        ActionFiles.of(directory.resolve("forged/operators.log"), directory.resolve("forged"));
    ActionLog anew = new ActionLog(forged, NETWORK, "bank-a", () -> OTHER, CLOCK);
    write(anew, 3);
    Files.copy(forged.log(), files().log(), StandardCopyOption.REPLACE_EXISTING);
    assertBroken("is signed by a key that is not known here");

    Files.delete(forged.log());
    Files.delete(forged.head());
    ActionLog same = new ActionLog(forged, NETWORK, "bank-a", () -> KEY, CLOCK);
    for (int i = 0; i < 3; i++) {
      same.append("local", "audit.run", "nothing", "done");
    }
    Files.copy(forged.log(), files().log(), StandardCopyOption.REPLACE_EXISTING);
    assertBroken("entry 2 is not the one that the head remembers");

    // One entry in the middle: it has the number that it should have, and not the one before it.
    List<String> mixed = lines();
    Files.delete(files().log());
    Files.delete(files().head());
    write(log(), 3);
    List<String> whole = lines();
    whole.set(1, mixed.get(1));
    putLines(whole);
    assertBroken("entry 1 does not follow entry 0");
    assertBroken("entry 2 does not follow entry 1");
  }

  @Test
  void isOfOneNodeOfOneNetwork() throws IOException {
    ActionLog other =
        new ActionLog(files(), NETWORK, "bank-b", () -> KEY, CLOCK, ActionLog.MAX_FILE_BYTES);
    write(other, 1);
    assertBroken("entry 0 is of bank-b");
    Files.delete(files().log());
    Files.delete(files().head());
    write(new ActionLog(files(), Hash.sha256(new byte[1]), "bank-a", () -> KEY, CLOCK), 1);
    assertBroken("statement_wrong_network");
  }

  /**
   * What a crash leaves in the middle of an append was never an entry: it goes, and that is said.
   */
  @Test
  void repairsALineWithoutItsEndAndSaysSo() throws IOException {
    write(log(), 2);
    Files.writeString(files().log(), "torn", StandardOpenOption.APPEND);
    assertBroken("its last line has no end");

    write(log(), 1);

    assertEquals(List.of(), read(KEY).problems());
    assertEquals(List.of("audit.run", "audit.run", "log.repaired", "audit.run"), what());
    assertEquals("4 bytes of a line without its end", read(KEY).entries().get(2).about());
  }

  /** The first append of all was torn. */
  @Test
  void repairsAFileThatIsNothingElse() throws IOException {
    Files.writeString(files().log(), "torn");

    write(log(), 1);

    assertEquals(List.of("log.repaired", "audit.run"), what());
    assertEquals(List.of(), read(KEY).problems());
  }

  /** A crash between the entry and the head: nothing is missing. */
  @Test
  void goesOnBehindAHeadThatIsOneBehind() throws IOException {
    write(log(), 2);
    byte[] head = Files.readAllBytes(files().head());
    write(log(), 1);
    Files.write(files().head(), head);

    assertEquals(List.of(), read(KEY).problems());
    write(log(), 1);
    assertEquals(List.of(), read(KEY).problems());
    assertEquals(4, read(KEY).entries().size());
  }

  /**
   * Whatever stands there: what is done is recorded, and that somebody may have cut the log is
   * told.
   */
  @Test
  void saysForEverThatItsHeadWasNone() throws IOException {
    for (byte[] damaged : List.of(new byte[0], new byte[] {(byte) 0xc3, '\n'}, new byte[] {'1'})) {
      write(log(), 2);
      Files.write(files().head(), damaged);
      assertBroken("operators.head: it is not a number and a hash");

      write(log(), 1);

      assertEquals(List.of("audit.run", "audit.run", "log.head", "audit.run"), what());
      assertEquals(
          List.of("operators.log: entry 2 follows a head that was damaged or missing"),
          read(KEY).problems());
      Files.delete(files().log());
      Files.delete(files().head());
    }
  }

  /** Whoever cuts the log must take away its head, too: that shows. */
  @Test
  void saysForEverThatItsHeadIsMissing() throws IOException {
    write(log(), 4);
    putLines(lines().subList(0, 2));
    Files.delete(files().head());
    assertBroken("operators.head: it is missing");

    write(log(), 2);

    assertEquals(List.of("audit.run", "audit.run", "log.head", "audit.run", "audit.run"), what());
    assertEquals("it is missing", read(KEY).entries().get(2).about());
    assertEquals(
        List.of("operators.log: entry 2 follows a head that was damaged or missing"),
        read(KEY).problems());
  }

  /** A crash before the head was written for the first time. */
  @Test
  void lacksNoHeadThatItNeverHad() throws IOException {
    write(log(), 1);
    Files.delete(files().head());
    assertEquals(List.of(), read(KEY).problems());
    write(log(), 1);
    assertEquals(List.of("audit.run", "audit.run"), what());
    assertEquals(List.of(), read(KEY).problems());
  }

  @Test
  void recordsAlsoWhereNoHeadCanBe() throws IOException {
    Files.createDirectories(files().head().resolve("a folder, and not empty"));

    ActionLog log = log();
    for (int i = 0; i < 3; i++) {
      ActionLog.Appended done = log.append("local", "audit.run", "bank-b", "done");
      assertTrue(done.trouble().orElseThrow().contains("operators.head"), done.toString());
      assertEquals(i + 1, done.newest().sequence());
    }

    // It is told once, not with every entry.
    assertEquals(List.of("log.head", "audit.run", "audit.run", "audit.run"), what());
    assertBroken("operators.head: it cannot be read");
  }

  @Test
  void saysForEverThatItWasCut() throws IOException {
    for (int kept : new int[] {2, 0}) {
      write(log(), 4);
      putLines(lines().subList(0, kept));

      write(log(), 1);

      assertTrue(what().contains("log.truncated"), what().toString());
      List<String> problems = read(KEY).problems();
      assertEquals(1, problems.size(), problems.toString());
      write(log(), 5);
      assertEquals(problems, read(KEY).problems());
      Files.delete(files().log());
      Files.delete(files().head());
    }
  }

  @Test
  void goesOnInNewFilesAndForgetsTheOldestInTheEnd() throws IOException {
    int entries = 3 * (ActionLog.MAX_FORMER_FILES + 4);
    ActionLog small = log(KEY, 1000);
    write(small, entries);

    assertEquals(ActionLog.MAX_FORMER_FILES, files().formers().size());
    ActionHistory history = read(KEY);
    assertEquals(List.of(), history.problems());
    assertEquals(entries - 1, history.entries().get(history.entries().size() - 1).sequence());
    assertTrue(history.entries().get(0).sequence() > 0);

    Files.delete(files().formers().get(3));
    assertBroken("does not follow");
  }

  @Test
  void namesTheKeyBeforeWhenThereIsAnother() throws IOException {
    write(log(), 1);
    write(log(OTHER, ActionLog.MAX_FILE_BYTES), 1);

    assertEquals(List.of("audit.run", "log.key", "audit.run"), what());
    assertTrue(
        read(KEY, OTHER).entries().get(1).about().contains(KEY.publicKey().toBytes().toHex()));
    assertEquals(List.of(), read(KEY, OTHER).problems());
    assertEquals(1, read(OTHER).problems().size());
  }

  @Test
  void takesTurns() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(4);
    try {
      List<Callable<Void>> writers = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        writers.add(
            () -> {
              write(log(), 10);
              return null;
            });
      }
      for (Future<Void> writer : pool.invokeAll(writers)) {
        writer.get();
      }
    } finally {
      pool.shutdownNow();
    }
    ActionHistory history = read(KEY);
    assertEquals(List.of(), history.problems());
    assertEquals(
        LongStream.range(0, 40).boxed().toList(),
        history.entries().stream().map(ActionEntry::sequence).toList());
  }

  @Test
  void cutsWhatIsTooLongAndDecodesNothingElse() throws Exception {
    ActionEntry entry =
        new ActionEntry(
            "bank-a", 7, NETWORK, 1, "w".repeat(65), "x", "ü".repeat(2000) + "😀", "done");
    assertEquals("w".repeat(64), entry.who());
    assertTrue(Bytes.utf8(entry.about()).size() <= 3072);
    assertEquals(entry, ActionEntry.decode(entry.encode()));
    ActionEntry halved = new ActionEntry("bank-a", 7, NETWORK, 1, "w", "x", "a\ud83dz", "done");
    assertEquals("a?z", ActionEntry.decode(halved.encode()).about());

    byte[] longer = Arrays.copyOf(entry.encode().toArray(), entry.encode().size() + 1);
    assertThrows(DecodeException.class, () -> ActionEntry.decode(Bytes.wrap(longer)));
  }

  /** docs/format/operators.md has the same bytes. */
  @Test
  void isWrittenAsItsFormatSays() throws IOException {
    ActionLog log = log();
    log.append("local", "node.start", "1.0.0, as probity", "done");
    log.append("operator-1", "audit.run", "bank-b up to 4711", "done");

    byte[] second = Base64.getDecoder().decode(lines().get(1));

    GoldenFile.read("docs/format/operators.md")
        .assertExample("Example: an action", Bytes.wrap(second));
  }
}
