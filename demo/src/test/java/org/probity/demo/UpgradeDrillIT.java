package org.probity.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The drill of the operator guide, "Upgrades", as it stands: real processes over TLS go over to
 * another release, one after the other, and one of them back.
 */
@Timeout(1200)
class UpgradeDrillIT {
  private static final Drill DRILL = new Drill("upgrade");
  private static final String NEXT = "0.9.9-next";

  @TempDir Path folder;

  @Test
  void nodesGoOverToAnotherReleaseOneByOneAndBack() throws Exception {
    goOver("bank-a", "bank-b");
  }

  @Test
  @Tag("campaign")
  void allNodesGoOverToAnotherReleaseOneByOneAndTheLastOneBack() throws Exception {
    goOver();
  }

  private void goOver(Object... nodes) throws Exception {
    Path next = packaged(folder.resolve("release"));
    List<Object> arguments = new ArrayList<>(List.of(folder.resolve("drill"), next));
    arguments.addAll(List.of(nodes));
    JsonNode measured = DRILL.run(folder, arguments.toArray());
    assertEquals(NEXT, measured.path("after").asText());
    assertNotEquals(NEXT, measured.path("before").asText());
    assertEquals(measured.path("before"), measured.path("back"));
    assertEquals(100 * measured.path("payments").asLong(), measured.path("balancesMinor").asLong());
  }

  @Test
  void theGuideNamesTheDrillAndItsCommands() throws Exception {
    DRILL.requireInGuide(List.of("node check --config", "config check"));
  }

  /** The same software as a release of another version. */
  private static Path packaged(Path release) throws IOException {
    Path lib = Files.createDirectories(release.resolve("lib"));
    Path built = Path.of("target", "lib");
    try (Stream<Path> jars = Files.list(built)) {
      for (Path jar : jars.toList()) {
        Path copy = lib.resolve(jar.getFileName());
        if (jar.getFileName().toString().startsWith("ledger-node-")) {
          renamed(jar, copy);
        } else {
          Files.copy(jar, copy);
        }
      }
    }
    return Files.copy(Launcher.script(), release.resolve("probity"));
  }

  private static void renamed(Path jar, Path copy) throws IOException {
    try (JarFile in = new JarFile(jar.toFile());
        OutputStream file = Files.newOutputStream(copy)) {
      Manifest manifest = in.getManifest();
      manifest.getMainAttributes().put(Attributes.Name.IMPLEMENTATION_VERSION, NEXT);
      try (JarOutputStream out = new JarOutputStream(file, manifest)) {
        for (var entry :
            in.stream().filter(it -> !it.getName().equals(JarFile.MANIFEST_NAME)).toList()) {
          out.putNextEntry(new java.util.zip.ZipEntry(entry.getName()));
          try (InputStream content = in.getInputStream(entry)) {
            content.transferTo(out);
          }
        }
      }
    }
  }
}
