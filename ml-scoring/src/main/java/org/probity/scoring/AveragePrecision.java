package org.probity.scoring;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Area under the precision-recall curve, point by point: the mean over all anomalous points of the
 * precision at their rank. No point adjustment, under which even random scores look good. Equal
 * scores share a rank, so that a constant scores as chance does.
 */
public final class AveragePrecision {
  private AveragePrecision() {}

  /** Between 0 and 1; chance is the share of anomalies. NaN if there is none. */
  public static double of(double[] scores, List<Boolean> anomalous) {
    List<Integer> order =
        IntStream.range(0, scores.length)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer i) -> -scores[i]))
            .toList();
    double sum = 0;
    int hits = 0;
    int hitsBefore = 0;
    for (int rank = 1; rank <= scores.length; rank++) {
      int at = order.get(rank - 1);
      hits += anomalous.get(at) ? 1 : 0;
      if (rank == scores.length || scores[order.get(rank)] != scores[at]) {
        sum += (double) (hits - hitsBefore) * hits / rank;
        hitsBefore = hits;
      }
    }
    return sum / hits;
  }
}
