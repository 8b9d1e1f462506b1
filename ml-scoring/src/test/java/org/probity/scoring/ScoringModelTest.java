package org.probity.scoring;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tribuo.Prediction;
import org.tribuo.anomaly.AnomalyFactory;
import org.tribuo.anomaly.Event;
import org.tribuo.impl.ArrayExample;

class ScoringModelTest {
  private static final int COLUMNS = 20;
  // Not in alphabetical order, as Tribuo would have it.
  private static final List<String> NAMES =
      IntStream.range(0, COLUMNS).mapToObj(i -> "f" + (COLUMNS - i)).toList();

  @Test
  void shouldScoreTheUnusualHigher() {
    ScoringModel model = ScoringModel.train(NAMES, normal(1_000, 1), 7);
    List<double[]> usual = normal(200, 2);
    for (SuspicionScorer scorer : model.scorers()) {
      double typical = Robust.median(usual.stream().mapToDouble(scorer::raw).toArray());
      double far = scorer.raw(shifted(usual.get(0), 3, 8));
      assertTrue(far > typical, scorer.name() + ": " + far + " is not above " + typical);
    }
  }

  @Test
  void shouldExplainTheScoreExactly() {
    ScoringModel model = ScoringModel.train(NAMES, normal(1_000, 1), 7);
    Mahalanobis fit = Mahalanobis.fit(normal(1_000, 1), 0.01);
    for (double[] row : normal(100, 3)) {
      double sum = Arrays.stream(fit.contributions(row)).sum();
      assertEquals(fit.squared(row), sum, 1e-9 * (1 + sum));
    }
    for (int column = 0; column < COLUMNS; column++) {
      double[] row = new double[COLUMNS];
      row[column] = 8;
      List<Suspicion.Reason> reasons = model.reasons(row);
      assertEquals(NAMES.get(column), reasons.get(0).feature());
      assertEquals(8, reasons.get(0).normalised());
      assertTrue(reasons.size() <= Suspicion.MAX_REASONS);
    }
  }

  @Test
  void shouldBeAModelOfTribuoWhoseExcusesSumToItsScore() {
    ScoringModel model = ScoringModel.train(NAMES, normal(500, 1), 7);
    MahalanobisModel tribuo = (MahalanobisModel) model.scorers().get(0).model();
    double[] row = shifted(normal(1, 5).get(0), 4, 9);
    ArrayExample<Event> example =
        new ArrayExample<>(AnomalyFactory.UNKNOWN_EVENT, NAMES.toArray(String[]::new), row);
    Prediction<Event> prediction = tribuo.predict(example);

    assertEquals(Event.EventType.ANOMALOUS, prediction.getOutput().getType());
    double score = prediction.getOutput().getScore();
    assertEquals(score, Math.pow(model.scorers().get(0).raw(row), 2), 1e-9 * score);
    double sum =
        tribuo.getExcuse(example).orElseThrow().getScores().values().iterator().next().stream()
            .mapToDouble(pair -> pair.getB())
            .sum();
    assertEquals(score, sum, 1e-9 * score);
    assertEquals(3, tribuo.getTopFeatures(3).values().iterator().next().size());
  }

  @Test
  void shouldNotMindColumnsThatAreConstantOrCopies() {
    List<double[]> rows = normal(500, 1);
    rows.forEach(
        row -> {
          row[0] = 0;
          row[1] = row[2];
        });
    ScoringModel model = ScoringModel.train(NAMES, rows, 7);

    for (SuspicionScorer scorer : model.scorers()) {
      assertTrue(rows.stream().mapToDouble(scorer::raw).allMatch(Double::isFinite));
    }
    List<double[]> equal = new ArrayList<>();
    IntStream.range(0, 300).forEach(i -> equal.add(new double[COLUMNS]));
    ScoringModel degenerate = ScoringModel.train(NAMES, equal, 7);
    double[] far = shifted(new double[COLUMNS], 0, 10);
    assertTrue(degenerate.scorers().stream().allMatch(s -> Double.isFinite(s.raw(far))));
  }

  @Test
  void shouldTrainTheSameModelAgainBitForBit() {
    List<double[]> rows = normal(12_000, 1);
    ScoringModel one = ScoringModel.train(NAMES, rows, 7);
    ScoringModel again = ScoringModel.train(NAMES, rows, 7);

    assertSameScores(one, again);
    for (int i = 0; i < one.scorers().size(); i++) {
      String provenance = one.scorers().get(i).model().getProvenance().toString();
      assertTrue(provenance.contains("sha256") && provenance.contains("seed 7"), provenance);
    }
  }

  @Test
  void shouldLoadWhatItSaved(@TempDir Path dir) throws IOException {
    ScoringModel model = ScoringModel.train(NAMES, normal(500, 1), 7);
    Path file = dir.resolve("scoring.pb");
    model.save(file);
    model.save(file);
    ScoringModel loaded = ScoringModel.load(file);

    assertSameScores(model, loaded);
    assertEquals(model.names(), loaded.names());
    for (int i = 0; i < 2; i++) {
      assertEquals(
          model.scorers().get(i).model().getProvenance(),
          loaded.scorers().get(i).model().getProvenance());
    }
    try (var files = Files.list(dir)) {
      assertEquals(1, files.count());
    }
  }

  @Test
  void shouldRefuseAFileThatIsNoModelOrNamesAnotherClass(@TempDir Path dir) throws IOException {
    Path file = dir.resolve("scoring.pb");
    ScoringModel.train(NAMES, normal(500, 1), 7).save(file);
    byte[] good = Files.readAllBytes(file);
    String text = new String(good, StandardCharsets.ISO_8859_1);
    String other =
        text.replace(
            "org.probity.scoring.MahalanobisModel\u001a",
            "org.probity.scoring.SomethingElse1\u001a");

    for (byte[] bad :
        List.of(
            new byte[0],
            new byte[] {1, 2, 3},
            Arrays.copyOf(good, good.length / 2),
            other.getBytes(StandardCharsets.ISO_8859_1),
            text.replace("MahalanobisModel", "MahalanobisModex")
                .getBytes(StandardCharsets.ISO_8859_1))) {
      Files.write(file, bad);
      if (!Arrays.equals(bad, good)) {
        assertThrows(IOException.class, () -> ScoringModel.load(file));
      }
    }
  }

  @Test
  void shouldBeSilent() {
    PrintStream before = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      ScoringModel.train(NAMES, normal(500, 1), 7);
    } finally {
      System.setOut(before);
    }
    assertEquals("", printed.toString(StandardCharsets.UTF_8));
  }

  @Test
  void shouldRefuseTooFewRows() {
    List<double[]> few = normal(ScoringModel.MIN_ROWS - 1, 1);
    assertThrows(IllegalArgumentException.class, () -> ScoringModel.train(NAMES, few, 7));
  }

  /** Prints what training and scoring cost here; asserts nothing about time. */
  @Test
  void shouldPrintItsCost() {
    List<double[]> rows = normal(ScoringModel.MAX_ROWS, 1);
    ScoringModel.train(NAMES, rows, 7);
    long start = cpuNanos();
    ScoringModel model = ScoringModel.train(NAMES, rows, 7);
    double trainSeconds = (cpuNanos() - start) / 1e9;
    scoreAll(model, rows);
    start = cpuNanos();
    double sum = scoreAll(model, rows);
    System.out.printf(
        Locale.ROOT,
        "CPU: training at %,d rows of %d columns %.2f s; a score with reasons %.1f us%n",
        rows.size(),
        COLUMNS,
        trainSeconds,
        (cpuNanos() - start) / 1e3 / rows.size());
    assertTrue(Double.isFinite(sum));
  }

  private static double scoreAll(ScoringModel model, List<double[]> rows) {
    List<OwnHistory> histories = model.histories();
    double sum = 0;
    for (double[] row : rows) {
      for (int i = 0; i < histories.size(); i++) {
        sum += histories.get(i).next(model.scorers().get(i).raw(row));
      }
      sum += model.reasons(row).size();
    }
    return sum;
  }

  private static long cpuNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private static void assertSameScores(ScoringModel one, ScoringModel other) {
    List<double[]> rows = normal(200, 9);
    for (int i = 0; i < one.scorers().size(); i++) {
      assertArrayEquals(
          rows.stream().mapToDouble(one.scorers().get(i)::raw).toArray(),
          rows.stream().mapToDouble(other.scorers().get(i)::raw).toArray(),
          one.scorers().get(i).name());
      assertEquals(one.histories().get(i).next(3), other.histories().get(i).next(3));
    }
  }

  /** Rows of correlated, roughly normal columns. */
  static List<double[]> normal(int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<double[]> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      double common = gaussian(random);
      double[] row = new double[COLUMNS];
      for (int j = 0; j < COLUMNS; j++) {
        row[j] = 0.5 * common + gaussian(random);
      }
      rows.add(row);
    }
    return rows;
  }

  private static double gaussian(SplittableRandom random) {
    double sum = -6;
    for (int i = 0; i < 12; i++) {
      sum += random.nextDouble();
    }
    return sum;
  }

  private static double[] shifted(double[] row, int column, double by) {
    double[] copy = row.clone();
    copy[column] += by;
    return copy;
  }
}
