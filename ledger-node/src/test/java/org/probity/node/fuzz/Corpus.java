package org.probity.node.fuzz;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.probity.detector.codec.Bytes;

/**
 * What a fuzzer has found worth keeping of each decoder: inputs that reach what no other one does.
 * One file each, {@code fuzz/<decoder>.txt}, an input in hex per line.
 */
final class Corpus {
  private Corpus() {}

  static List<Bytes> of(FuzzTarget target) {
    try (InputStream file = Corpus.class.getResourceAsStream("/fuzz/" + target.name() + ".txt")) {
      if (file == null) {
        return List.of();
      }
      return new BufferedReader(new InputStreamReader(file, StandardCharsets.US_ASCII))
          .lines()
          .map(Bytes::fromHex)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
