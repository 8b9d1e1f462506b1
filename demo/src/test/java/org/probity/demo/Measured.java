package org.probity.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What the tests on real nodes have measured of each fault, one small file for each in {@code
 * target/faults}, out of which docs/faults.md is filled: {@code seconds evidenceBytes}.
 *
 * @param seconds from the fault to the last correct node's verdict
 * @param evidenceBytes of the proof; 0 if there is none
 */
record Measured(double seconds, long evidenceBytes) {
  private static final Path FOLDER = Path.of("target", "faults");

  /** Keeps it under the fault's name in the document. */
  void keep(String fault) throws IOException {
    Files.createDirectories(FOLDER);
    Files.writeString(
        FOLDER.resolve(fault), String.format(Locale.ROOT, "%.1f %d%n", seconds, evidenceBytes));
  }

  /** The newest of each fault. */
  static SortedMap<String, Measured> kept() throws IOException {
    SortedMap<String, Measured> kept = new TreeMap<>();
    if (Files.isDirectory(FOLDER)) {
      try (Stream<Path> files = Files.list(FOLDER)) {
        for (Path file : files.toList()) {
          String[] words = Files.readString(file).strip().split(" ", -1);
          kept.put(
              String.valueOf(file.getFileName()),
              new Measured(Double.parseDouble(words[0]), Long.parseLong(words[1])));
        }
      }
    }
    return kept;
  }
}
