package org.probity.node.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.probity.node.store.StoreFixtures.assertFails;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LatchTest {
  @TempDir Path directory;

  private Latch open() {
    return Latch.open(List.of(directory.resolve("a"), directory.resolve("b")));
  }

  @Test
  void itSurvivesTheLossOfOneCopy() throws IOException {
    assertTrue(open().set("fdatasync failed"));
    Files.delete(directory.resolve("a"));
    assertEquals(Optional.of("fdatasync failed"), open().reason());
    assertTrue(open().set("second reason"));
    Files.delete(directory.resolve("b"));
    assertTrue(open().reason().isPresent());
  }

  @Test
  void theFirstReasonStays() {
    Latch latch = open();
    latch.set("first\nwith a second line");
    latch.set("second");
    assertEquals(Optional.of("first\nwith a second line"), latch.reason());
    assertEquals(Optional.of("first"), open().reason());
    StoreException thrown = assertFails(StoreException.Code.LATCHED, open()::check);
    assertTrue(thrown.getMessage().contains("first"));
  }

  @Test
  void anEmptyFileIsSetToo() throws IOException {
    Files.createFile(directory.resolve("b"));
    assertFails(StoreException.Code.LATCHED, open()::check);
  }

  @Test
  void withNoDiskAtAllItHoldsInMemory() {
    Latch latch = Latch.open(List.of(directory.resolve("missing/a")));
    assertFalse(latch.set("everything is broken"));
    assertFails(StoreException.Code.LATCHED, latch::check);
  }

  @Test
  void clearingRemovesEveryCopy() {
    Latch latch = open();
    latch.set("x");
    latch.clear();
    latch.check();
    open().check();
  }
}
