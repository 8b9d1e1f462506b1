package org.probity.node.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.function.Executable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.MemoryTree;
import org.probity.detector.log.Rfc6962;
import org.probity.detector.log.TreeHead;

/** What the store's tests share. */
final class StoreFixtures {
  static final long MAP_BYTES = 64L << 20;

  private StoreFixtures() {}

  static LmdbLogStore.Options options(Path directory) {
    return new LmdbLogStore.Options(directory.resolve("log"), MAP_BYTES, 8);
  }

  static Latch latch(Path directory) {
    return Latch.open(List.of(directory.resolve("latch"), directory.resolve("latch2")));
  }

  static LmdbLogStore open(Path directory) {
    return LmdbLogStore.open(options(directory), latch(directory));
  }

  /** Entry {@code index} of every test log: recognisable, and of varying length. */
  static Bytes entry(long index) {
    return Bytes.utf8("entry-" + index + "-" + "x".repeat((int) (index * 37 % 300)));
  }

  static List<Bytes> entries(long from, long to) {
    List<Bytes> entries = new ArrayList<>();
    for (long index = from; index < to; index++) {
      entries.add(entry(index));
    }
    return entries;
  }

  static MemoryTree tree(long size) {
    return MemoryTree.of(entries(0, size).stream().map(Rfc6962::leaf).toList());
  }

  static Bytes note(TreeHead head) {
    return Bytes.utf8("checkpoint " + head);
  }

  /** Grows {@code log} to {@code size} in one commit, with checkpoint and mark. */
  static void grow(LmdbLogStore store, StoredLog log, long size) {
    TreeHead head =
        log.frontier()
            .append(entries(log.size(), size).stream().map(Rfc6962::leaf).toList())
            .frontier()
            .head();
    store.commit(
        new LogWrites()
            .append(log, log.size(), entries(log.size(), size))
            .checkpoint(log, head, note(head))
            .mark(note(head)));
  }

  static void assertHolds(StoredLog log, long size) {
    assertEquals(size, log.size());
    assertEquals(tree(size).head(), log.frontier().head());
    assertEquals(entries(0, size), log.entries(0, size, StoredLog.MAX_READ_BYTES));
  }

  static StoreException assertFails(StoreException.Code code, Executable action) {
    StoreException thrown = assertThrows(StoreException.class, action);
    assertEquals(code, thrown.code(), thrown.getMessage());
    return thrown;
  }

  /** Flips one bit in the file, at {@code offset} into the only occurrence of {@code pattern}. */
  static void flipBit(Path file, byte[] pattern, int offset) throws IOException {
    byte[] content = Files.readAllBytes(file);
    int found = 0;
    for (int at = 0; at + pattern.length <= content.length; at++) {
      if (matches(content, at, pattern)) {
        content[at + offset] ^= 0x10;
        found++;
      }
    }
    assertEquals(1, found, "occurrences of the pattern in " + file);
    Files.write(file, content);
  }

  private static boolean matches(byte[] content, int at, byte[] pattern) {
    for (int i = 0; i < pattern.length; i++) {
      if (content[at + i] != pattern[i]) {
        return false;
      }
    }
    return true;
  }

  static Hash hash(String text) {
    return Hash.sha256(Bytes.utf8(text).unsafeArray());
  }
}
