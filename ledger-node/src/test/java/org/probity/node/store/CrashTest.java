package org.probity.node.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.probity.node.store.StoreFixtures.assertFails;
import static org.probity.node.store.StoreFixtures.assertHolds;
import static org.probity.node.store.StoreFixtures.grow;
import static org.probity.node.store.StoreFixtures.note;
import static org.probity.node.store.StoreFixtures.open;
import static org.probity.node.store.StoreFixtures.tree;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.codec.Bytes;
import org.probity.node.testing.ChildJvm;
import org.probity.node.testing.RequiredTool;

/** SPEC protocol.md §4.6, §11.1: what a process that dies at any instant leaves behind. */
@SuppressWarnings("try") // a lock is held, not used
class CrashTest {
  private static final String ORIGIN = "probity/aa/bank-a/0";

  @TempDir Path directory;

  /** Commits for ever; prints the size after each commit became durable, mark file included. */
  static final class Writer {
    public static void main(String[] arguments) {
      Path directory = Path.of(arguments[0]);
      long commits = Long.parseLong(arguments[1]);
      try (DirectoryLock lock = DirectoryLock.acquire(directory);
          LmdbLogStore store = open(directory);
          MarkFile mark = MarkFile.open(directory.resolve("mark"))) {
        StoredLog log = store.log(ORIGIN);
        for (long commit = 0; commit < commits; commit++) {
          grow(store, log, log.size() + 1 + commit % 5);
          mark.write(note(log.frontier().head()));
          System.out.println(log.size());
        }
      } catch (StoreException e) {
        System.out.println(e.code().text());
        System.exit(3);
      }
    }
  }

  @Test
  void killedAtAnyInstantTheStoreReopensAtTheLastDurableCommit()
      throws IOException, InterruptedException {
    MarkFile.create(directory.resolve("mark"), note(tree(0).head()));
    long seed = System.nanoTime();
    Random random = new Random(seed);
    long acknowledged = 0;
    for (int round = 0; round < 6; round++) {
      try (ChildJvm writer =
          ChildJvm.start(Writer.class, directory.toString(), "" + Long.MAX_VALUE)) {
        int lines = 3 + random.nextInt(40);
        for (int line = 0; line < lines; line++) {
          acknowledged = Long.parseLong(writer.readLine());
        }
        // At a random point of the commits that follow.
        Thread.sleep(random.nextInt(5), random.nextInt(1_000_000));
        writer.kill();
        for (String line = writer.readLine(); line != null; line = writer.readLine()) {
          acknowledged = Long.parseLong(line);
        }
      }
      try (DirectoryLock lock = DirectoryLock.acquire(directory);
          LmdbLogStore store = open(directory);
          MarkFile mark = MarkFile.open(directory.resolve("mark"))) {
        StoredLog log = store.log(ORIGIN);
        String context = "seed " + seed + ", round " + round;
        assertTrue(log.size() >= acknowledged, context);
        // Entries, tree, checkpoint and mark are those of one commit.
        assertHolds(log, log.size());
        Bytes newest = note(tree(log.size()).head());
        assertEquals(Optional.of(newest), log.checkpoint(), context);
        assertEquals(Optional.of(newest), store.mark(), context);
        // The second copy is that of this commit or of the one before, never ahead of the store.
        if (!mark.content().equals(newest)) {
          assertTrue(
              log.checkpointAtLeast(acknowledged).isPresent()
                  && !mark.content().equals(Bytes.EMPTY),
              context);
          assertEquals(note(tree(acknowledged).head()), mark.content(), context);
        }
        assertEquals(Optional.empty(), store.latch().reason(), context);
      }
    }
  }

  private static List<String> strace(Path log, String calls, String injection) {
    return List.of(
        RequiredTool.find("strace").toString(),
        "-f",
        "-qq",
        "-o",
        log.toString(),
        "-e",
        "trace=" + calls,
        "-e",
        "inject=" + calls + ":" + injection);
  }

  private record Outcome(long acknowledged, String last) {}

  /** Runs the writer until it fails; it would end by itself if the injection did not work. */
  private Outcome runToTheEnd(List<String> wrapper) throws IOException, InterruptedException {
    long acknowledged = 0;
    String last = "";
    try (ChildJvm writer = ChildJvm.start(wrapper, Writer.class, directory.toString(), "200")) {
      for (String line = writer.readLine(); line != null; line = writer.readLine()) {
        last = line;
        if (Character.isDigit(line.charAt(0))) {
          acknowledged = Long.parseLong(line);
        }
      }
      assertEquals(3, writer.await());
    }
    return new Outcome(acknowledged, last);
  }

  /** The kernel reports EIO from fdatasync: the process must stop committing, and stay stopped. */
  @Test
  void aFailedFdatasyncLatchesForGood() throws IOException, InterruptedException {
    MarkFile.create(directory.resolve("mark"), note(tree(0).head()));
    Outcome outcome =
        runToTheEnd(strace(directory.resolve("strace"), "fdatasync", "error=EIO:when=20+"));
    assertEquals("store_io", outcome.last());
    assertTrue(outcome.acknowledged() > 0);
    try (LmdbLogStore store = open(directory)) {
      StoredLog log = store.log(ORIGIN);
      assertTrue(log.size() >= outcome.acknowledged());
      assertNotEquals(Optional.empty(), store.latch().reason());
      assertFails(StoreException.Code.LATCHED, () -> grow(store, log, log.size() + 1));
    }
    // The next supervisor restart, on a disk that works again.
    try (ChildJvm restarted = ChildJvm.start(Writer.class, directory.toString(), "1")) {
      assertEquals("store_latched", restarted.readLine());
      assertEquals(3, restarted.await());
    }
  }

  /** The disk is full when LMDB writes its pages: nothing was committed, so nothing is latched. */
  @Test
  void aFullDiskIsNotAFaultOfTheDisk() throws IOException, InterruptedException {
    MarkFile.create(directory.resolve("mark"), note(tree(0).head()));
    Outcome outcome =
        runToTheEnd(strace(directory.resolve("strace"), "writev", "error=ENOSPC:when=20+"));
    assertEquals("store_full", outcome.last());
    assertTrue(outcome.acknowledged() > 0);
    try (LmdbLogStore store = open(directory)) {
      StoredLog log = store.log(ORIGIN);
      assertHolds(log, outcome.acknowledged());
      assertEquals(Optional.empty(), store.latch().reason());
      grow(store, log, log.size() + 5);
      assertHolds(log, outcome.acknowledged() + 5);
    }
  }
}
