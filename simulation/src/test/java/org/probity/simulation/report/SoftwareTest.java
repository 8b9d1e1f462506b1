package org.probity.simulation.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Results of two builds are told apart if their classes differ, and only then. */
class SoftwareTest {
  private static final String CLASS = "org/probity/detector/node/Node.class";

  private static Path file(Path folder, String name, String content) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
    return folder;
  }

  @Test
  void classesCountAndNothingElse(@TempDir Path one, @TempDir Path two, @TempDir Path three)
      throws IOException {
    file(one, CLASS, "rules");
    file(two, CLASS, "rules");
    file(two, "META-INF/MANIFEST.MF", "Build-Time: now");
    file(two, "org/elsewhere/Library.class", "another version");
    file(three, CLASS, "other rules");

    assertEquals(Software.fingerprint(List.of(one)), Software.fingerprint(List.of(two)));
    assertNotEquals(Software.fingerprint(List.of(one)), Software.fingerprint(List.of(three)));
  }

  @Test
  void aJarIsWhatIsInIt(@TempDir Path folder, @TempDir Path elsewhere) throws IOException {
    file(folder, CLASS, "rules");
    Path jar = elsewhere.resolve("all.jar");
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
      out.putNextEntry(new JarEntry(CLASS));
      out.write(Files.readAllBytes(folder.resolve(CLASS)));
      out.closeEntry();
    }

    assertEquals(Software.fingerprint(List.of(folder)), Software.fingerprint(List.of(jar)));
  }

  @Test
  void whatRunsHereHasOne() {
    assertEquals(16, Software.fingerprint().length());
    assertNotEquals(Software.fingerprint(List.of()), Software.fingerprint());
  }
}
