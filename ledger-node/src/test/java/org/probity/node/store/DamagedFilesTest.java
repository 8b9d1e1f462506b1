package org.probity.node.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;

/** Files that are not whole must be found out before they are mapped: a SIGBUS ends the JVM. */
class DamagedFilesTest {
  private static final long MAP_BYTES = 16L << 20;

  @TempDir Path directory;

  private Path filled() {
    Path folder = directory.resolve("state");
    try (LmdbStateStore store = LmdbStateStore.open(folder, MAP_BYTES)) {
      Map<Bytes, Optional<Bytes>> values = new HashMap<>();
      for (int i = 0; i < 2_000; i++) {
        values.put(Bytes.utf8("key " + i), Optional.of(Bytes.wrap(new byte[i % 5_000])));
      }
      store.apply(values, new LmdbStateStore.Position(1, Hash.sha256(new byte[] {1})));
    }
    return folder.resolve("data.mdb");
  }

  private static void cut(Path file, long bytes) throws IOException {
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
      open.setLength(bytes);
    }
  }

  @Test
  void aWholeFileIsWhole() throws IOException {
    Path file = filled();

    assertFalse(LmdbFile.isTruncated(file));
    assertFalse(LmdbFile.isTruncated(directory.resolve("absent")));
    assertEquals(1, LmdbStateStore.open(file.getParent(), MAP_BYTES).position().get().index());
  }

  @Test
  void aFileCutAnywhereIsRefusedByName() throws IOException {
    Path file = filled();
    byte[] whole = Files.readAllBytes(file);
    for (long bytes : new long[] {100, 4_096, 8_192, 12_288, whole.length / 2, whole.length - 1}) {
      Files.write(file, whole);
      cut(file, bytes);

      StoreException refused =
          assertThrows(
              StoreException.class, () -> LmdbStateStore.open(file.getParent(), MAP_BYTES));

      assertEquals(StoreException.Code.TRUNCATED, refused.code(), bytes + " bytes");
      assertTrue(refused.getMessage().contains(file.toString()), refused.getMessage());
    }
  }

  @Test
  void aFileThatLacksOnlyWhatNothingNamesIsWhole() throws IOException {
    Path file = filled();
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
      // As if the newest transaction had allocated three pages more and freed them again.
      for (long meta : new long[] {0, 4_096}) {
        open.seek(meta + 16 + 120);
        long last = Long.reverseBytes(open.readLong());
        open.seek(meta + 16 + 120);
        open.writeLong(Long.reverseBytes(last + 3));
      }
    }

    assertFalse(LmdbFile.isTruncated(file));
  }

  @Test
  void whatIsDerivedFromTheLogIsMovedAsideAndBegunAnew() throws IOException {
    NodeStore.Options options =
        new NodeStore.Options(
            directory.resolve("data"),
            directory.resolve("marks"),
            MAP_BYTES,
            MAP_BYTES,
            MAP_BYTES,
            4);
    NodeStore.initialise(options);
    NodeStore.open(options).close();
    Path state = options.data().resolve("state");
    byte[] garbage = new byte[20_000];
    for (int i = 0; i < 2; i++) {
      garbage[0] = (byte) (i + 1);
      Files.write(state.resolve("data.mdb"), garbage);

      try (NodeStore store = NodeStore.open(options)) {
        assertTrue(store.state().position().isEmpty());
      }
      assertEquals(i + 1, Files.readAllBytes(options.data().resolve("state.damaged/data.mdb"))[0]);
    }
    Files.write(options.data().resolve("log/data.mdb"), garbage);
    assertEquals(
        StoreException.Code.FORMAT,
        assertThrows(StoreException.class, () -> NodeStore.open(options)).code(),
        "the log itself is never begun anew");
  }
}
