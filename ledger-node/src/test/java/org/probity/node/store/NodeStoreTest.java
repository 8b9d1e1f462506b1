package org.probity.node.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.probity.node.store.StoreFixtures.MAP_BYTES;
import static org.probity.node.store.StoreFixtures.assertFails;
import static org.probity.node.store.StoreFixtures.entries;
import static org.probity.node.store.StoreFixtures.hash;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.codec.Bytes;
import org.probity.detector.log.SigningMark;

/** SPEC protocol.md §4.6, §11.1: two copies of the mark, and what their loss means. */
class NodeStoreTest {
  private static final String ORIGIN = "probity/aa/bank-a/0";

  private static final Bytes KEY = Bytes.of((byte) 1);

  @TempDir Path directory;
  private NodeStore.Options options;

  @BeforeEach
  void initialise() {
    options =
        new NodeStore.Options(
            directory.resolve("data"),
            directory.resolve("marks"),
            MAP_BYTES,
            MAP_BYTES,
            MAP_BYTES,
            4);
    NodeStore.initialise(options);
  }

  private static SigningMark mark(long size) {
    return new SigningMark(size, hash("checkpoint " + size));
  }

  private static void commit(NodeStore store, long size) {
    StoredLog log = store.own().log(ORIGIN);
    store.commit(new LogWrites().append(log, log.size(), entries(log.size(), size)), mark(size));
  }

  private static NodeStore.Mark known(long size) {
    return new NodeStore.Known(size == 0 ? SigningMark.NOTHING_SIGNED : mark(size));
  }

  @Test
  void aNewNodeHasSignedNothingAndRemembersWhatItSigns() {
    try (NodeStore store = NodeStore.open(options)) {
      assertEquals(known(0), store.mark());
      commit(store, 3);
      assertEquals(known(3), store.mark());
    }
    try (NodeStore store = NodeStore.open(options)) {
      assertEquals(known(3), store.mark());
      assertEquals(3, store.own().log(ORIGIN).size());
    }
  }

  @Test
  void aNodeIsInitialisedOnce() throws IOException {
    assertFails(StoreException.Code.FORMAT, () -> NodeStore.initialise(options));
    try (NodeStore store = NodeStore.open(options)) {
      commit(store, 3);
    }
    assertFails(StoreException.Code.FORMAT, () -> NodeStore.initialise(options));
    Files.delete(options.markFile());
    // A lost mark does not make the node new.
    assertFails(StoreException.Code.FORMAT, () -> NodeStore.initialise(options));
  }

  @Test
  void twoProcessesDoNotShareAStore() {
    try (NodeStore store = NodeStore.open(options)) {
      assertFails(StoreException.Code.LOCKED, () -> NodeStore.open(options));
      assertEquals(known(0), store.mark());
    }
    NodeStore.open(options).close();
  }

  @Test
  void aLostMarkAllowsReadingButNoCommit() throws IOException {
    try (NodeStore store = NodeStore.open(options)) {
      commit(store, 3);
    }
    Files.delete(options.markFile());
    try (NodeStore store = NodeStore.open(options)) {
      NodeStore.Lost lost = assertInstanceOf(NodeStore.Lost.class, store.mark());
      assertTrue(lost.why().contains("missing"), lost.why());
      assertEquals(entries(0, 3), store.own().log(ORIGIN).entries(0, 3, 1 << 20));
      assertFails(StoreException.Code.MARK_LOST, () -> commit(store, 4));
      assertEquals(3, store.own().log(ORIGIN).size());
    }
    try (NodeStore store = NodeStore.open(options)) {
      // Still lost: opening never makes a mark.
      assertInstanceOf(NodeStore.Lost.class, store.mark());
      store.restoreMark(mark(9));
      assertEquals(known(9), store.mark());
    }
    try (NodeStore store = NodeStore.open(options)) {
      assertEquals(known(9), store.mark());
    }
  }

  @Test
  void aStoreRestoredFromABackupMeetsTheNewerMark() throws IOException {
    Path backup = directory.resolve("backup");
    try (NodeStore store = NodeStore.open(options)) {
      commit(store, 3);
      store.own().backup(backup);
      commit(store, 7);
    }
    Files.delete(options.data().resolve("log/lock.mdb"));
    Files.copy(
        backup.resolve("data.mdb"),
        options.data().resolve("log/data.mdb"),
        StandardCopyOption.REPLACE_EXISTING);
    try (NodeStore store = NodeStore.open(options)) {
      assertEquals(3, store.own().log(ORIGIN).size());
      assertEquals(known(7), store.mark());
    }
  }

  @Test
  void aMarkFileRestoredFromABackupMeetsTheNewerStore() throws IOException {
    Path copy = directory.resolve("copy");
    try (NodeStore store = NodeStore.open(options)) {
      commit(store, 3);
      Files.copy(options.markFile(), copy);
      commit(store, 7);
    }
    Files.delete(options.markFile());
    Files.copy(copy, options.markFile());
    try (NodeStore store = NodeStore.open(options)) {
      assertEquals(known(7), store.mark());
    }
  }

  @Test
  void aMarkThatCannotBeWrittenLatches() {
    AtomicBoolean broken = new AtomicBoolean();
    LmdbEnvironment.Faults failing =
        new LmdbEnvironment.Faults() {
          @Override
          public void beforeCommit() throws IOException {
            if (broken.get()) {
              throw new IOException("injected");
            }
          }
        };
    try (NodeStore store = NodeStore.open(options, failing)) {
      commit(store, 3);
      broken.set(true);
      assertFails(StoreException.Code.IO, () -> commit(store, 4));
      broken.set(false);
      assertFails(StoreException.Code.LATCHED, () -> commit(store, 5));
    }
    try (NodeStore store = NodeStore.open(options)) {
      assertTrue(store.latch().reason().orElseThrow().contains("mark"));
      assertFails(StoreException.Code.LATCHED, () -> commit(store, 5));
      assertFails(
          StoreException.Code.LATCHED,
          () -> store.replicas().commit(new LogWrites().put(KEY, KEY)));
    }
  }

  @Test
  void aStrayInterruptIsNoReasonToLatch() {
    try (NodeStore store = NodeStore.open(options)) {
      Thread.currentThread().interrupt();
      commit(store, 3);
      assertTrue(Thread.interrupted());
      assertEquals(known(3), store.mark());
      Thread.currentThread().interrupt();
      assertTrue(store.latch().set("also on an interrupted thread"));
      assertTrue(Thread.interrupted());
    }
    try (NodeStore store = NodeStore.open(options)) {
      assertEquals(Optional.of("also on an interrupted thread"), store.latch().reason());
    }
  }

  @Test
  void marksThatContradictEachOtherAreLost() {
    try (NodeStore store = NodeStore.open(options)) {
      commit(store, 3);
      SigningMark other = new SigningMark(3, hash("another text"));
      store.own().commit(new LogWrites().mark(other.encode()));
      assertInstanceOf(NodeStore.Lost.class, store.mark());
    }
  }

  @Test
  void aHalfOpenedStoreLeavesNoLockBehind() throws IOException {
    NodeStore.open(options).close();
    Path replicas = options.data().resolve("replicas/data.mdb");
    try (FileChannel channel = FileChannel.open(replicas, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.allocate(8192), 0);
    }
    assertFails(StoreException.Code.FORMAT, () -> NodeStore.open(options));
    Files.delete(replicas);
    try (NodeStore store = NodeStore.open(options)) {
      assertEquals(Optional.empty(), store.state().position());
    }
  }
}
