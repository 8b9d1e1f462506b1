package org.probity.node.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.probity.node.store.StoreFixtures.MAP_BYTES;
import static org.probity.node.store.StoreFixtures.assertFails;
import static org.probity.node.store.StoreFixtures.assertHolds;
import static org.probity.node.store.StoreFixtures.entries;
import static org.probity.node.store.StoreFixtures.flipBit;
import static org.probity.node.store.StoreFixtures.hash;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.codec.Bytes;
import org.probity.detector.log.SigningMark;
import org.probity.node.testing.ChildJvm;

class StoreMaintenanceTest {
  private static final String ORIGIN = "probity/aa/bank-a/0";

  @TempDir Path directory;

  @BeforeEach
  void initialise() {
    NodeStore.initialise(options(directory));
  }

  private static NodeStore.Options options(Path directory) {
    return new NodeStore.Options(
        directory.resolve("data"), directory.resolve("marks"), MAP_BYTES, MAP_BYTES, MAP_BYTES, 4);
  }

  private static void grow(NodeStore store, long size) {
    StoredLog log = store.own().log(ORIGIN);
    store.commit(
        new LogWrites().append(log, log.size(), entries(log.size(), size)),
        new SigningMark(size, hash("checkpoint " + size)));
  }

  /** A node that commits until it is killed. */
  static final class Running {
    public static void main(String[] arguments) {
      try (NodeStore store = NodeStore.open(options(Path.of(arguments[0])))) {
        for (long size = 1; ; size++) {
          grow(store, size);
          store
              .state()
              .apply(
                  Map.of(Bytes.utf8("size"), Optional.of(Bytes.utf8("" + size))),
                  new LmdbStateStore.Position(size - 1, hash("root " + size)));
          System.out.println(size);
        }
      }
    }
  }

  @Test
  void aRunningNodeIsBackedUpFromOutside() throws IOException, InterruptedException {
    List<Long> sizes = new ArrayList<>();
    try (ChildJvm running = ChildJvm.start(Running.class, directory.toString())) {
      for (int backup = 0; backup < 3; backup++) {
        for (int line = 0; line < 20; line++) {
          running.readLine();
        }
        long atLeast = Long.parseLong(running.readLine());
        Path target = directory.resolve("backup-" + backup);
        StoreMaintenance.backup(options(directory), target);
        assertFalse(Files.exists(target.resolve("lock")));
        try (LmdbLogStore log =
                LmdbLogStore.open(
                    new LmdbLogStore.Options(target.resolve("log"), MAP_BYTES, 16),
                    StoreFixtures.latch(target));
            LmdbStateStore state = LmdbStateStore.open(target.resolve("state"), MAP_BYTES)) {
          long size = log.log(ORIGIN).size();
          assertTrue(size >= atLeast, size + " of at least " + atLeast);
          assertHolds(log.log(ORIGIN), size);
          assertTrue(state.position().orElseThrow().index() < size);
          sizes.add(size);
        }
      }
      running.kill();
    }
    assertEquals(3, sizes.stream().distinct().count());
  }

  @Test
  void theDrillARestoredNodeKnowsThatItHasSignedMore() throws IOException {
    Path backup = directory.resolve("backup");
    try (NodeStore store = NodeStore.open(options(directory))) {
      grow(store, 5);
      StoreMaintenance.backup(store, backup);
      grow(store, 9);
      assertFails(
          StoreException.Code.LOCKED,
          () -> StoreMaintenance.backup(options(directory), directory.resolve("other")));
      assertFails(StoreException.Code.FORMAT, () -> StoreMaintenance.backup(store, backup));
    }
    for (String part : List.of("log", "replicas", "state")) {
      Files.deleteIfExists(directory.resolve("data").resolve(part).resolve("lock.mdb"));
      Files.copy(
          backup.resolve(part).resolve("data.mdb"),
          directory.resolve("data").resolve(part).resolve("data.mdb"),
          StandardCopyOption.REPLACE_EXISTING);
    }
    try (NodeStore store = NodeStore.open(options(directory))) {
      assertEquals(5, store.own().log(ORIGIN).size());
      assertEquals(new NodeStore.Known(new SigningMark(9, hash("checkpoint 9"))), store.mark());
    }
  }

  @Test
  void aCheckFindsAllDamage() throws IOException {
    try (NodeStore store = NodeStore.open(options(directory))) {
      grow(store, 40);
      store
          .state()
          .apply(
              Map.of(Bytes.utf8("k"), Optional.of(Bytes.utf8("a value to damage"))),
              new LmdbStateStore.Position(39, hash("root")));
      assertEquals(List.of(), StoreMaintenance.check(store, checked -> {}));
    }
    flipBit(directory.resolve("data/log/data.mdb"), Bytes.utf8("entry-17-").unsafeArray(), 2);
    flipBit(directory.resolve("data/state/data.mdb"), Bytes.utf8("to damage").unsafeArray(), 2);
    try (NodeStore store = NodeStore.open(options(directory))) {
      List<StoreMaintenance.Damage> damage = StoreMaintenance.check(store, checked -> {});
      assertEquals(
          List.of(ORIGIN, "state"), damage.stream().map(StoreMaintenance.Damage::origin).toList());
      assertTrue(damage.get(0).message().contains("entry 17"), damage.toString());
    }
  }
}
