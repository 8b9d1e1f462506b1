package org.probity.node.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.probity.node.store.StoreFixtures.assertFails;
import static org.probity.node.store.StoreFixtures.assertHolds;
import static org.probity.node.store.StoreFixtures.entries;
import static org.probity.node.store.StoreFixtures.entry;
import static org.probity.node.store.StoreFixtures.flipBit;
import static org.probity.node.store.StoreFixtures.grow;
import static org.probity.node.store.StoreFixtures.hash;
import static org.probity.node.store.StoreFixtures.latch;
import static org.probity.node.store.StoreFixtures.note;
import static org.probity.node.store.StoreFixtures.open;
import static org.probity.node.store.StoreFixtures.options;
import static org.probity.node.store.StoreFixtures.tree;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.MemoryTree;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.Rfc6962;
import org.probity.detector.log.TreeHead;

class LmdbLogStoreTest {
  private static final String ORIGIN = "probity/aa/bank-a/0";

  @TempDir Path directory;

  @Test
  void aCommitIsVisibleAtOnceAndAfterReopening() {
    try (LmdbLogStore store = open(directory)) {
      StoredLog log = store.log(ORIGIN);
      assertEquals(0, log.size());
      assertEquals(Optional.empty(), log.checkpoint());
      assertEquals(Optional.empty(), store.mark());
      for (long size : new long[] {1, 2, 3, 7, 8, 64, 65, 300}) {
        grow(store, log, size);
        assertHolds(log, size);
      }
    }
    try (LmdbLogStore store = open(directory)) {
      StoredLog log = store.find(ORIGIN).orElseThrow();
      assertHolds(log, 300);
      assertEquals(Optional.of(note(tree(300).head())), log.checkpoint());
      assertEquals(Optional.of(note(tree(300).head())), store.mark());
      grow(store, log, 301);
      assertHolds(log, 301);
    }
  }

  @Test
  void everyNodeOfATreeIsOneGet() {
    int size = 777;
    MemoryTree expected = tree(size);
    try (LmdbLogStore store = open(directory)) {
      StoredLog log = store.log(ORIGIN);
      grow(store, log, 100);
      grow(store, log, size);
      for (int level = 0; size >> level > 0; level++) {
        List<Hash> all = new ArrayList<>();
        for (int index = 0; index < size >> level; index++) {
          assertEquals(expected.node(level, index), log.node(level, index));
          all.add(expected.node(level, index));
        }
        assertEquals(all, log.nodes(level, 0, size >> level));
        int beyond = size >> level;
        int at = level;
        assertThrows(IndexOutOfBoundsException.class, () -> log.node(at, beyond));
      }
      assertThrows(IndexOutOfBoundsException.class, () -> log.node(62, 1));
      assertThrows(IndexOutOfBoundsException.class, () -> log.node(-1, 0));
      assertEquals(MerkleProofs.inclusion(expected, 33, 500), MerkleProofs.inclusion(log, 33, 500));
    }
  }

  @Test
  void checkpointsAreFoundBySize() {
    try (LmdbLogStore store = open(directory)) {
      StoredLog log = store.log(ORIGIN);
      grow(store, log, 3);
      grow(store, log, 9);
      grow(store, log, 700);
      assertEquals(Optional.of(note(tree(9).head())), log.checkpointAt(9));
      assertEquals(Optional.empty(), log.checkpointAt(8));
      assertEquals(Optional.of(note(tree(9).head())), log.checkpointAtLeast(4));
      assertEquals(Optional.of(note(tree(700).head())), log.checkpointAtLeast(10));
      assertEquals(Optional.empty(), log.checkpointAtLeast(701));
      assertEquals(Optional.of(note(tree(700).head())), log.checkpoint());

      Bytes cosigned = Bytes.utf8("the same with cosignatures");
      store.commit(new LogWrites().checkpoint(log, tree(700).head(), cosigned));
      assertEquals(Optional.of(cosigned), log.checkpoint());
    }
  }

  @Test
  void severalLogsGrowInOneCommit() {
    try (LmdbLogStore store = open(directory)) {
      StoredLog first = store.log("ward-1");
      StoredLog second = store.log("ward-2");
      store.commit(
          new LogWrites().append(first, 0, entries(0, 5)).append(second, 0, entries(0, 70)));
      store.commit(
          new LogWrites().append(first, 5, entries(5, 90)).append(second, 70, entries(70, 71)));
      assertHolds(first, 90);
      assertHolds(second, 71);
    }
    try (LmdbLogStore store = open(directory)) {
      assertEquals(
          List.of("ward-1", "ward-2"), store.logs().stream().map(StoredLog::origin).toList());
      assertHolds(store.log("ward-1"), 90);
      assertHolds(store.log("ward-2"), 71);
    }
  }

  @Test
  void metadataGoesWithTheCommit() {
    try (LmdbLogStore store = open(directory)) {
      store.commit(
          new LogWrites()
              .put(Bytes.utf8("view/a"), Bytes.utf8("1"))
              .put(Bytes.utf8("view/b"), Bytes.EMPTY)
              .put(Bytes.utf8("zzz"), Bytes.utf8("3")));
      store.commit(
          new LogWrites()
              .remove(Bytes.utf8("zzz"))
              .remove(Bytes.utf8("never-there"))
              .put(Bytes.utf8("view/a"), Bytes.utf8("2")));
    }
    try (LmdbLogStore store = open(directory)) {
      assertEquals(Optional.of(Bytes.utf8("2")), store.get(Bytes.utf8("view/a")));
      assertEquals(Optional.empty(), store.get(Bytes.utf8("zzz")));
      assertEquals(
          Map.of(Bytes.utf8("view/a"), Bytes.utf8("2"), Bytes.utf8("view/b"), Bytes.EMPTY),
          store.withPrefix(Bytes.utf8("view/")));
      assertEquals(2, store.withPrefix(Bytes.EMPTY).size());
    }
  }

  @Test
  void aCommitThatDoesNotFitTheLogChangesNothing() {
    try (LmdbLogStore store = open(directory)) {
      StoredLog log = store.log(ORIGIN);
      grow(store, log, 4);
      assertThrows(
          IllegalArgumentException.class,
          () -> store.commit(new LogWrites().append(log, 3, entries(3, 6))));
      assertThrows(
          IllegalArgumentException.class,
          () ->
              store.commit(
                  new LogWrites()
                      .append(log, 4, entries(4, 6))
                      .checkpoint(log, new TreeHead(6, hash("another tree")), Bytes.EMPTY)));
      assertHolds(log, 4);
      assertEquals(Optional.empty(), store.latch().reason());
      grow(store, log, 6);
      assertHolds(log, 6);
    }
  }

  @Test
  void bulkReadsStopAtTheByteLimitButReturnAtLeastOne() {
    try (LmdbLogStore store = open(directory)) {
      StoredLog log = store.log(ORIGIN);
      grow(store, log, 50);
      assertEquals(entries(10, 11), log.entries(10, 50, 1));
      List<Bytes> some = log.entries(10, 50, 1000);
      assertTrue(some.size() > 1 && some.size() < 40, some.size() + " entries");
      assertEquals(entries(10, 10 + some.size()), some);
      assertEquals(List.of(), log.entries(50, 50, 1000));
      assertThrows(IndexOutOfBoundsException.class, () -> log.entry(50));
      assertThrows(IndexOutOfBoundsException.class, () -> log.entries(49, 51, 1000));
    }
  }

  @Test
  void aFlippedBitInAnEntryIsFoundOnReadAndRepaired() throws IOException {
    try (LmdbLogStore store = open(directory)) {
      grow(store, store.log(ORIGIN), 40);
    }
    flipBit(directory.resolve("log/data.mdb"), Bytes.utf8("entry-17-").unsafeArray(), 3);
    try (LmdbLogStore store = open(directory)) {
      StoredLog log = store.log(ORIGIN);
      assertEquals(entry(16), log.entry(16));
      StoreException thrown = assertFails(StoreException.Code.CORRUPT, () -> log.entry(17));
      assertTrue(thrown.getMessage().contains("entry 17"), thrown.getMessage());
      assertFails(StoreException.Code.CORRUPT, () -> log.entries(10, 20, 10_000));
      assertFails(StoreException.Code.CORRUPT, () -> log.verifyChunk(0));

      assertFalse(store.repair(log, 17, Bytes.utf8("not what was there")));
      assertFails(StoreException.Code.CORRUPT, () -> log.entry(17));
      assertTrue(store.repair(log, 17, entry(17)));
      assertHolds(log, 40);
      assertEquals(40, log.verifyChunk(0));
    }
  }

  @Test
  void aFlippedBitInAHashIsFoundOnRead() throws IOException {
    try (LmdbLogStore store = open(directory)) {
      grow(store, store.log(ORIGIN), 40);
    }
    Hash node = tree(40).node(2, 3);
    flipBit(directory.resolve("log/data.mdb"), node.unsafeArray(), 30);
    try (LmdbLogStore store = open(directory)) {
      StoredLog log = store.log(ORIGIN);
      assertFails(StoreException.Code.CORRUPT, () -> log.node(2, 3));
      assertFails(StoreException.Code.CORRUPT, () -> log.nodes(2, 0, 10));
      assertFails(StoreException.Code.CORRUPT, () -> log.verifyChunk(0));
    }
  }

  @Test
  void aFlippedBitInTheRightEdgeKeepsTheStoreClosed() throws IOException {
    try (LmdbLogStore store = open(directory)) {
      grow(store, store.log(ORIGIN), 40);
    }
    flipBit(directory.resolve("log/data.mdb"), tree(40).node(5, 0).unsafeArray(), 0);
    assertFails(StoreException.Code.CORRUPT, () -> open(directory));
  }

  @Test
  void verificationCoversManyChunks() {
    long size = 2 * StoredLog.VERIFY_CHUNK_ENTRIES + 17;
    try (LmdbLogStore store = open(directory)) {
      StoredLog log = store.log(ORIGIN);
      List<Bytes> small = new ArrayList<>();
      for (long index = 0; index < size; index++) {
        small.add(Bytes.utf8("e" + index));
      }
      store.commit(new LogWrites().append(log, 0, small));
      long at = 0;
      int chunks = 0;
      while (at < log.size()) {
        at = log.verifyChunk(at);
        chunks++;
      }
      assertEquals(3, chunks);
      assertEquals(
          MemoryTree.of(small.stream().map(Rfc6962::leaf).toList()).head(), log.frontier().head());
    }
  }

  @Test
  void aFullMapRefusesCommitsAndKeepsServing() {
    LmdbLogStore.Options tiny = new LmdbLogStore.Options(directory.resolve("tiny"), 256 * 1024, 2);
    long size = 0;
    try (LmdbLogStore store = LmdbLogStore.open(tiny, latch(directory))) {
      StoredLog log = store.log(ORIGIN);
      StoreException thrown = null;
      while (thrown == null) {
        try {
          grow(store, log, size + 50);
          size += 50;
        } catch (StoreException e) {
          thrown = e;
        }
      }
      assertEquals(StoreException.Code.FULL, thrown.code());
      assertTrue(thrown.getMessage().contains("map size"), thrown.getMessage());
      assertTrue(size > 0 && store.isFull());
      assertHolds(log, size);
      assertEquals(Optional.of(note(tree(size).head())), store.mark());
      assertFails(StoreException.Code.FULL, () -> grow(store, log, log.size() + 1));
      // Nothing was written, so there is nothing to recover from: not latched.
      assertEquals(Optional.empty(), store.latch().reason());
    }
    LmdbLogStore.Options larger = new LmdbLogStore.Options(tiny.directory(), 1 << 20, 2);
    try (LmdbLogStore store = LmdbLogStore.open(larger, latch(directory))) {
      StoredLog log = store.log(ORIGIN);
      assertHolds(log, size);
      grow(store, log, size + 50);
      assertHolds(log, size + 50);
    }
  }

  @Test
  void aFailedCommitLatchesForGood() {
    AtomicInteger failures = new AtomicInteger(1);
    LmdbEnvironment.Faults failing =
        new LmdbEnvironment.Faults() {
          @Override
          public void beforeCommit() throws IOException {
            if (failures.get() == 0) {
              failures.set(-1);
              throw new IOException("injected: Input/output error");
            }
          }
        };
    try (LmdbLogStore store = LmdbLogStore.open(options(directory), latch(directory), failing)) {
      StoredLog log = store.log(ORIGIN);
      grow(store, log, 5);
      failures.set(0);
      assertFails(StoreException.Code.IO, () -> grow(store, log, 6));
      assertEquals(5, log.size());
      assertFails(StoreException.Code.LATCHED, () -> grow(store, log, 6));
    }
    // A supervisor restarts the process: the disk works again, the latch still holds.
    try (LmdbLogStore store = open(directory)) {
      StoredLog log = store.log(ORIGIN);
      assertHolds(log, 5);
      StoreException thrown = assertFails(StoreException.Code.LATCHED, () -> grow(store, log, 6));
      assertTrue(thrown.getMessage().contains("injected"), thrown.getMessage());
      store.latch().clear();
      grow(store, log, 6);
      assertHolds(log, 6);
    }
  }

  @Test
  void aCommitThatLandedButWasReportedLostLatches() {
    AtomicInteger armed = new AtomicInteger();
    LmdbEnvironment.Faults failing =
        new LmdbEnvironment.Faults() {
          @Override
          public void afterCommit() throws IOException {
            if (armed.get() == 1) {
              throw new IOException("injected: landed, reported lost");
            }
          }
        };
    try (LmdbLogStore store = LmdbLogStore.open(options(directory), latch(directory), failing)) {
      StoredLog log = store.log(ORIGIN);
      grow(store, log, 5);
      armed.set(1);
      assertFails(StoreException.Code.IO, () -> grow(store, log, 6));
      // Not known to be durable, so not shown.
      assertEquals(5, log.size());
      assertFails(StoreException.Code.LATCHED, () -> grow(store, log, 6));
    }
    try (LmdbLogStore store = open(directory)) {
      // It is durable after all; entries, checkpoint and mark say so together.
      assertHolds(store.log(ORIGIN), 6);
      assertEquals(Optional.of(note(tree(6).head())), store.mark());
      assertEquals(Optional.of(note(tree(6).head())), store.log(ORIGIN).checkpoint());
    }
  }

  /** The planted bug: without the latch the next commit goes through, so the test above bites. */
  @Test
  void withoutTheLatchTheCommitAfterAFailureWouldSucceed() {
    AtomicInteger armed = new AtomicInteger();
    LmdbEnvironment.Faults failing =
        new LmdbEnvironment.Faults() {
          @Override
          public void beforeCommit() throws IOException {
            if (armed.getAndSet(0) == 1) {
              throw new IOException("injected");
            }
          }
        };
    try (LmdbLogStore store = LmdbLogStore.open(options(directory), latch(directory), failing)) {
      StoredLog log = store.log(ORIGIN);
      grow(store, log, 5);
      armed.set(1);
      assertFails(StoreException.Code.IO, () -> grow(store, log, 6));
      store.latch().clear();
      grow(store, log, 6);
      assertHolds(log, 6);
    }
  }

  @Test
  void closingWhileOthersReadIsAnExceptionNotACrash() throws InterruptedException {
    for (int round = 0; round < 20; round++) {
      Path roundDirectory = directory.resolve("round-" + round);
      LmdbLogStore store = open(roundDirectory);
      StoredLog log = store.log(ORIGIN);
      grow(store, log, 200);
      AtomicReference<Throwable> unexpected = new AtomicReference<>();
      CountDownLatch reading = new CountDownLatch(4);
      List<Thread> readers = new ArrayList<>();
      for (int number = 0; number < 4; number++) {
        Thread reader = new Thread(() -> readUntilClosed(log, reading, unexpected));
        reader.start();
        readers.add(reader);
      }
      reading.await();
      store.close();
      for (Thread reader : readers) {
        reader.join();
      }
      assertEquals(null, unexpected.get());
      assertFails(StoreException.Code.CLOSED, () -> log.entry(0));
      assertFails(StoreException.Code.CLOSED, store::usedBytes);
      assertFails(StoreException.Code.CLOSED, () -> grow(store, log, 201));
      store.close();
      assertEquals(Optional.empty(), store.latch().reason());
    }
  }

  private static void readUntilClosed(
      StoredLog log, CountDownLatch reading, AtomicReference<Throwable> unexpected) {
    try {
      for (long index = 0; ; index++) {
        log.entry(index % 200);
        log.entries(0, 100, 100_000);
        if (index == 3) {
          reading.countDown();
        }
      }
    } catch (StoreException e) {
      if (e.code() != StoreException.Code.CLOSED) {
        unexpected.set(e);
      }
    } catch (Throwable e) {
      unexpected.set(e);
    }
  }

  @Test
  void prunedEntriesGoAndTheirHashesStay() {
    try (LmdbLogStore store = open(directory)) {
      StoredLog log = store.log(ORIGIN);
      grow(store, log, 100);
      store.prune(log, 60);
      assertEquals(60, log.firstEntry());
      assertFails(StoreException.Code.PRUNED, () -> log.entry(59));
      assertEquals(entry(60), log.entry(60));
      assertEquals(tree(100).node(0, 3), log.node(0, 3));
      assertEquals(100, log.verifyChunk(0));
      assertThrows(IllegalArgumentException.class, () -> store.prune(log, 59));
    }
    try (LmdbLogStore store = open(directory)) {
      StoredLog log = store.log(ORIGIN);
      assertEquals(60, log.firstEntry());
      assertEquals(tree(100).head(), log.frontier().head());
      store.prune(log, 100);
      grow(store, log, 101);
    }
    try (LmdbLogStore store = open(directory)) {
      assertEquals(entry(100), store.log(ORIGIN).entry(100));
      assertEquals(tree(101).head(), store.log(ORIGIN).frontier().head());
    }
  }

  @Test
  void aBackupTakenInUseIsAStore() {
    try (LmdbLogStore store = open(directory)) {
      StoredLog log = store.log(ORIGIN);
      grow(store, log, 100);
      store.backup(directory.resolve("copy/log"));
      grow(store, log, 101);
      assertTrue(store.usedBytes() > 0 && store.usedBytes() < store.maxBytes());
    }
    try (LmdbLogStore copy = open(directory.resolve("copy"))) {
      assertHolds(copy.log(ORIGIN), 100);
    }
  }

  @Test
  void aLimitOnLogsIsKept() {
    LmdbLogStore.Options two = new LmdbLogStore.Options(directory.resolve("two"), 1 << 20, 2);
    try (LmdbLogStore store = LmdbLogStore.open(two, latch(directory))) {
      store.log("a");
      store.log("b");
      assertFails(StoreException.Code.FULL, () -> store.log("c"));
      assertEquals("b", store.log("b").origin());
    }
  }

  @Test
  void anotherKindOfFileIsNotAStore() throws IOException {
    Files.createDirectories(directory.resolve("log"));
    Files.write(directory.resolve("log/data.mdb"), new byte[16384]);
    assertFails(StoreException.Code.FORMAT, () -> open(directory));
  }
}
