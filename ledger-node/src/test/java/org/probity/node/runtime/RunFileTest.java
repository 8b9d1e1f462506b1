package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SPEC protocol.md §11.5: which runs a process knows to be over, and which not. */
class RunFileTest {
  @TempDir Path directory;

  @Test
  void whoGoesOnWithTheSameFileKnowsThoseBeforeIt() throws Exception {
    RunFile first = RunFile.begin(directory);
    RunFile second = RunFile.begin(directory);
    RunFile third = RunFile.begin(directory);
    assertEquals(Set.of(), first.over());
    assertEquals(Set.of(first.run()), second.over());
    assertEquals(Set.of(first.run(), second.run()), third.over());
    assertNotEquals(second.run(), third.run());
    for (int i = 0; i < 40; i++) {
      RunFile.begin(directory);
    }
    assertEquals(16, RunFile.begin(directory).over().size());
  }

  /** Whoever has the original may still run. */
  @Test
  void whoGoesOnWithACopyKnowsNothing() throws Exception {
    RunFile.begin(directory);
    Path copy = Files.createDirectory(directory.resolve("copy"));
    Files.copy(directory.resolve("run"), copy.resolve("run"));
    assertEquals(Set.of(), RunFile.begin(copy).over());
    assertEquals(1, RunFile.begin(copy).over().size());
  }

  @Test
  void whatIsNoRunIsNone() throws Exception {
    RunFile first = RunFile.begin(directory);
    Path file = directory.resolve("run");
    Files.writeString(file, Files.readString(file) + "half of a ru");
    assertEquals(Set.of(first.run()), RunFile.begin(directory).over());
    Files.write(file, new byte[] {0, (byte) 0xff, (byte) 0xc3, '\n', (byte) 0x80});
    RunFile second = RunFile.begin(directory);
    assertEquals(Set.of(), second.over());
    assertEquals(Set.of(second.run()), RunFile.begin(directory).over());
  }
}
