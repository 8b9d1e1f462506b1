package org.probity.node.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.probity.node.store.StoreFixtures.assertFails;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.codec.Bytes;

class MarkFileTest {
  @TempDir Path directory;
  private Path path;

  @BeforeEach
  void create() {
    path = directory.resolve("mark/mark");
    MarkFile.create(path, Bytes.utf8("mark 0"));
  }

  @Test
  void theLastMarkWrittenIsRead() {
    for (int number = 0; number < 9; number++) {
      try (MarkFile file = MarkFile.open(path)) {
        assertEquals(Bytes.utf8("mark " + number), file.content());
        file.write(Bytes.utf8("mark " + (number + 1)));
        assertEquals(Bytes.utf8("mark " + (number + 1)), file.content());
      }
    }
  }

  @Test
  void aWriteNeverChangesTheSizeOfTheFile() throws IOException {
    long size = Files.size(path);
    try (MarkFile file = MarkFile.open(path)) {
      file.write(Bytes.wrap(new byte[MarkFile.MAX_CONTENT_BYTES]));
      assertThrows(
          IllegalArgumentException.class,
          () -> file.write(Bytes.wrap(new byte[MarkFile.MAX_CONTENT_BYTES + 1])));
    }
    assertEquals(size, Files.size(path));
    try (MarkFile file = MarkFile.open(path)) {
      assertEquals(MarkFile.MAX_CONTENT_BYTES, file.content().size());
    }
  }

  @Test
  void aMissingMarkIsLostAndNeverNew() throws IOException {
    Files.delete(path);
    assertFails(StoreException.Code.MARK_LOST, () -> MarkFile.open(path));
    assertEquals(false, Files.exists(path));
  }

  @Test
  void anEmptyOrTruncatedMarkIsLost() throws IOException {
    byte[] content = Files.readAllBytes(path);
    for (int length : new int[] {0, 1, 20, 40}) {
      Files.write(path, Arrays.copyOf(content, length));
      assertFails(StoreException.Code.MARK_LOST, () -> MarkFile.open(path));
    }
  }

  @Test
  void anExistingMarkIsNeverOverwrittenByInit() {
    assertFails(
        StoreException.Code.FORMAT, () -> MarkFile.create(path, Bytes.utf8("mark 0 again")));
  }

  /** Every prefix of the slot being written, as a crash leaves it: old or new, nothing else. */
  @Test
  void aTornWriteLeavesTheOldMarkOrTheNew() throws IOException {
    try (MarkFile file = MarkFile.open(path)) {
      file.write(Bytes.utf8("mark 1 is longer"));
      file.write(Bytes.utf8("mark 2"));
    }
    byte[] before = Files.readAllBytes(path);
    try (MarkFile file = MarkFile.open(path)) {
      file.write(Bytes.utf8("mark 3"));
    }
    byte[] after = Files.readAllBytes(path);
    int recovered = 0;
    for (int torn = 0; torn < MarkFile.SLOT_BYTES; torn++) {
      byte[] mixed = before.clone();
      // Marks 1 and 3 share the first slot, mark 2 is in the second.
      System.arraycopy(after, 0, mixed, 0, torn);
      Files.write(path, mixed);
      try (MarkFile file = MarkFile.open(path)) {
        boolean isNew = file.content().equals(Bytes.utf8("mark 3"));
        assertEquals(isNew ? Bytes.utf8("mark 3") : Bytes.utf8("mark 2"), file.content());
        recovered += isNew ? 1 : 0;
        file.write(Bytes.utf8("mark after"));
      }
      try (MarkFile file = MarkFile.open(path)) {
        assertEquals(Bytes.utf8("mark after"), file.content());
      }
      if (torn == 200) {
        // The rest are zeros in both: skip to the end.
        torn = MarkFile.SLOT_BYTES - 2;
      }
    }
    assertEquals(true, recovered > 0);
  }

  @Test
  void anyFlippedBitIsNoticed() throws IOException {
    try (MarkFile file = MarkFile.open(path)) {
      file.write(Bytes.utf8("mark 1"));
    }
    byte[] content = Files.readAllBytes(path);
    int used = 8 + 8 + 4 + "mark 1".length() + 32;
    for (int bit = 0; bit < used * 8; bit++) {
      byte[] damaged = content.clone();
      damaged[bit / 8] ^= (byte) (1 << (bit % 8));
      Files.write(path, damaged);
      try (MarkFile file = MarkFile.open(path)) {
        assertEquals(Bytes.utf8("mark 0"), file.content());
      }
    }
  }
}
