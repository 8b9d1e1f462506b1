package org.probity.scoring;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * How well the models rank on real telemetry: area under the precision-recall curve, point-wise,
 * mean over twelve servers; each model is trained on a server's own training part, which has no
 * labels. Prints the table. The hyperparameters were chosen on this very data, so the figures say
 * that the models work, not how well they will do elsewhere.
 */
class ServerTelemetryTest {
  private static final double TARGET = 0.38;

  @Test
  void shouldRankAnomaliesOfRealServers() throws IOException {
    double[] sum = new double[6];
    String format = "%-8s %12s %14s %9s %8s %14s %14s";
    print(
        format,
        "server",
        "mahalanobis",
        "one_class_svm",
        "ensemble",
        "random",
        "m. of history",
        "s. of history");
    for (int machine = 1; machine <= ServerTelemetry.MACHINES; machine++) {
      double[] areas = areas(ServerTelemetry.machine(machine), machine);
      for (int i = 0; i < areas.length; i++) {
        sum[i] += areas[i] / ServerTelemetry.MACHINES;
      }
      print(format, cells("omi-" + machine, areas));
    }
    print(format, cells("mean", sum));

    assertTrue(sum[0] >= TARGET, "mahalanobis " + sum[0]);
    assertTrue(sum[1] >= TARGET, "one_class_svm " + sum[1]);
    assertTrue(sum[2] > Math.max(sum[0], sum[1]), "ensemble " + sum[2]);
    assertTrue(sum[3] < 0.1, "random " + sum[3]);
  }

  /**
   * Of Mahalanobis, support vector machine, ensemble, random scores; and of each model alone after
   * smoothing and comparison with its own history, to show what the ensemble owes to these.
   */
  private static double[] areas(ServerTelemetry data, long seed) {
    ScoringModel model = ScoringModel.train(data.names(), data.train(), seed);
    List<SuspicionScorer> scorers = model.scorers();
    double[][] raw = new double[scorers.size()][];
    for (int i = 0; i < raw.length; i++) {
      raw[i] = data.test().stream().mapToDouble(scorers.get(i)::raw).toArray();
    }
    SplittableRandom random = new SplittableRandom(seed);
    double[] chance = data.test().stream().mapToDouble(row -> random.nextDouble()).toArray();
    return new double[] {
      AveragePrecision.of(raw[0], data.anomalous()),
      AveragePrecision.of(raw[1], data.anomalous()),
      AveragePrecision.of(ofHistory(model, data, List.of(0, 1)), data.anomalous()),
      AveragePrecision.of(chance, data.anomalous()),
      AveragePrecision.of(ofHistory(model, data, List.of(0)), data.anomalous()),
      AveragePrecision.of(ofHistory(model, data, List.of(1)), data.anomalous())
    };
  }

  /** As {@link PeerScoring} does it: the past is the end of the training part. */
  private static double[] ofHistory(
      ScoringModel model, ServerTelemetry data, List<Integer> scorers) {
    double[] most = new double[data.test().size()];
    Arrays.fill(most, Double.NEGATIVE_INFINITY);
    for (int i : scorers) {
      OwnHistory history = model.histories().get(i);
      SuspicionScorer scorer = model.scorers().get(i);
      double usual = model.calibrations().get(i).usual();
      int train = data.train().size();
      data.train()
          .subList(train - 2 * OwnHistory.WINDOW, train)
          .forEach(row -> history.next(scorer.raw(row) - usual));
      for (int at = 0; at < most.length; at++) {
        most[at] = Math.max(most[at], history.next(scorer.raw(data.test().get(at)) - usual));
      }
    }
    return most;
  }

  private static Object[] cells(String name, double[] areas) {
    return Stream.concat(
            Stream.of(name),
            Arrays.stream(areas).mapToObj(area -> String.format(Locale.ROOT, "%.3f", area)))
        .toArray();
  }

  private static void print(String format, Object... cells) {
    System.out.println(String.format(Locale.ROOT, format, cells));
  }
}
