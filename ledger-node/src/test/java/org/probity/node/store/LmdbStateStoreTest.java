package org.probity.node.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.probity.node.store.StoreFixtures.MAP_BYTES;
import static org.probity.node.store.StoreFixtures.assertFails;
import static org.probity.node.store.StoreFixtures.flipBit;
import static org.probity.node.store.StoreFixtures.hash;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.codec.Bytes;

class LmdbStateStoreTest {
  @TempDir Path directory;

  private LmdbStateStore open() {
    return LmdbStateStore.open(directory.resolve("state"), MAP_BYTES);
  }

  private static LmdbStateStore.Position at(long index) {
    return new LmdbStateStore.Position(index, hash("root " + index));
  }

  private static Map<Bytes, Bytes> load(LmdbStateStore store) {
    Map<Bytes, Bytes> loaded = new LinkedHashMap<>();
    store.load(loaded::put);
    return loaded;
  }

  @Test
  void aNewStoreIsNowhere() {
    try (LmdbStateStore store = open()) {
      assertEquals(Optional.empty(), store.position());
      assertEquals(Optional.empty(), store.load((key, value) -> {}));
    }
  }

  @Test
  void randomDifferencesAddUp() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    TreeMap<Bytes, Bytes> expected = new TreeMap<>();
    for (int round = 1; round <= 30; round++) {
      Map<Bytes, Optional<Bytes>> changes = new HashMap<>();
      for (int i = 0; i < 40; i++) {
        byte[] key = new byte[1 + random.nextInt(128)];
        random.nextBytes(key);
        key[0] = (byte) random.nextInt(4);
        Bytes name = key.length > 2 ? Bytes.of(key) : Bytes.of(key[0]);
        if (random.nextInt(3) == 0 && !expected.isEmpty()) {
          name = expected.firstKey();
          changes.put(name, Optional.empty());
          expected.remove(name);
        } else {
          byte[] value = new byte[random.nextInt(4097)];
          random.nextBytes(value);
          changes.put(name, Optional.of(Bytes.wrap(value)));
          expected.put(name, Bytes.wrap(value));
        }
      }
      try (LmdbStateStore store = open()) {
        store.apply(changes, at(round));
      }
      try (LmdbStateStore store = open()) {
        assertEquals(Optional.of(at(round)), store.position(), "seed " + seed);
        Map<Bytes, Bytes> loaded = load(store);
        assertEquals(expected, loaded, "seed " + seed);
        assertEquals(
            new ArrayList<>(expected.keySet()), new ArrayList<>(loaded.keySet()), "seed " + seed);
      }
    }
  }

  @Test
  void aFlippedBitIsFoundOnLoad() throws IOException {
    try (LmdbStateStore store = open()) {
      store.apply(
          Map.of(Bytes.utf8("key"), Optional.of(Bytes.utf8("a recognisable value"))), at(1));
    }
    flipBit(directory.resolve("state/data.mdb"), Bytes.utf8("recognisable").unsafeArray(), 2);
    try (LmdbStateStore store = open()) {
      assertFails(StoreException.Code.CORRUPT, () -> load(store));
      store.clear();
      assertEquals(Optional.empty(), store.position());
      assertEquals(Map.of(), load(store));
    }
  }

  @Test
  void theFlusherCatchesUpAndMergesWhatPiledUp() throws InterruptedException {
    try (LmdbStateStore store = open();
        StateFlusher flusher = StateFlusher.start(store, "flush")) {
      for (int index = 1; index <= 500; index++) {
        Map<Bytes, Optional<Bytes>> changes = new HashMap<>();
        changes.put(Bytes.utf8("counter"), Optional.of(Bytes.utf8("" + index)));
        changes.put(Bytes.utf8("key " + index), Optional.of(Bytes.utf8("" + index)));
        changes.put(Bytes.utf8("key " + (index - 2)), Optional.empty());
        flusher.offer(changes, at(index));
      }
      flusher.awaitFlushed();
      assertEquals(0, flusher.lagEntries());
      assertEquals(0, flusher.pendingKeys());
      assertEquals(Optional.of(at(500)), store.position());
      assertEquals(
          List.of(Bytes.utf8("counter"), Bytes.utf8("key 499"), Bytes.utf8("key 500")),
          new ArrayList<>(load(store).keySet()));
    }
  }

  @Test
  void closingTheFlusherFlushes() {
    try (LmdbStateStore store = open()) {
      StateFlusher flusher = StateFlusher.start(store, "flush");
      flusher.offer(Map.of(Bytes.utf8("k"), Optional.of(Bytes.utf8("v"))), at(7));
      flusher.close();
      assertEquals(Optional.of(at(7)), store.position());
      assertEquals(Map.of(Bytes.utf8("k"), Bytes.utf8("v")), load(store));
    }
  }

  @Test
  void aFailedFlushStopsTheFlusherAndLeavesTheLastPosition() throws InterruptedException {
    LmdbEnvironment.Faults failing =
        new LmdbEnvironment.Faults() {
          private int commits;

          @Override
          public void beforeCommit() throws IOException {
            if (++commits == 2) {
              throw new IOException("injected");
            }
          }
        };
    Path path = directory.resolve("failing");
    try (LmdbStateStore store = LmdbStateStore.open(path, MAP_BYTES, failing);
        StateFlusher flusher = StateFlusher.start(store, "flush")) {
      flusher.offer(Map.of(Bytes.utf8("k"), Optional.of(Bytes.utf8("1"))), at(1));
      flusher.awaitFlushed();
      flusher.offer(Map.of(Bytes.utf8("k"), Optional.of(Bytes.utf8("2"))), at(2));
      flusher.awaitFlushed();
      assertTrue(flusher.failure().isPresent());
      flusher.offer(Map.of(Bytes.utf8("k"), Optional.of(Bytes.utf8("3"))), at(3));
      assertEquals(1, flusher.lagEntries());
      assertEquals(Optional.of(at(1)), store.position());
    }
  }
}
