package org.probity.scoring;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * Real telemetry of one server, with labelled anomalies: the Application Server Dataset, published
 * with InterFusion (KDD 2021). Read in place from {@code asd/} in the directory named by the system
 * property or environment variable {@code PROBITY_DATA}, else {@code ../shared/data} beside the
 * project. A test without it is skipped with a message; with {@code CI=true} it fails.
 *
 * @param train normalised by their own median and MAD, as are the test rows
 */
record ServerTelemetry(
    List<String> names, List<double[]> train, List<double[]> test, List<Boolean> anomalous) {
  static final int MACHINES = 12;

  private static final double RESOLUTION = 1e-3;

  /** Machine 1 to {@link #MACHINES}. */
  static ServerTelemetry machine(int number) throws IOException {
    Path file = directory().resolve("omi-" + number + ".csv.gz");
    List<double[]> train = new ArrayList<>();
    List<double[]> test = new ArrayList<>();
    List<Boolean> labels = new ArrayList<>();
    List<String> names;
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.US_ASCII))) {
      List<String> header = List.of(reader.readLine().split(",", -1));
      names = header.subList(2, header.size());
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        String[] cells = line.split(",", -1);
        double[] row =
            IntStream.range(2, cells.length)
                .mapToDouble(i -> Double.parseDouble(cells[i]))
                .toArray();
        if (cells[0].equals("train")) {
          train.add(row);
        } else {
          test.add(row);
          labels.add(cells[1].equals("1"));
        }
      }
    }
    normalise(train, test, names.size());
    return new ServerTelemetry(names, train, test, labels);
  }

  private static void normalise(List<double[]> train, List<double[]> test, int columns) {
    for (int column = 0; column < columns; column++) {
      int at = column;
      double[] values = train.stream().mapToDouble(row -> row[at]).toArray();
      double median = Robust.median(values);
      double sigma = Robust.sigma(values, median) + RESOLUTION;
      for (List<double[]> rows : List.of(train, test)) {
        rows.forEach(row -> row[at] = Robust.clip((row[at] - median) / sigma, PeerNormaliser.CLIP));
      }
    }
  }

  private static Path directory() {
    String given = System.getProperty("PROBITY_DATA", System.getenv("PROBITY_DATA"));
    Path root = given == null || given.isEmpty() ? besideTheProject() : Path.of(given);
    Path directory = root.resolve("asd").toAbsolutePath().normalize();
    if (!Files.isDirectory(directory)) {
      String message = "test data is absent: " + directory + " (set PROBITY_DATA)";
      if ("true".equals(System.getenv("CI"))) {
        Assertions.fail(message);
      }
      System.err.println("SKIPPED: " + message);
      Assumptions.abort(message);
    }
    return directory;
  }

  private static Path besideTheProject() {
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      if (Files.isDirectory(at.resolve(".mvn"))) {
        return at.resolve("../shared/data");
      }
    }
    throw new IllegalStateException("not inside the project: " + Path.of("").toAbsolutePath());
  }
}
