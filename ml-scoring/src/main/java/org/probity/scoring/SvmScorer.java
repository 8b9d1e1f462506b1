package org.probity.scoring;

import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.tribuo.Model;
import org.tribuo.anomaly.Event;

/** Scores by a one-class support vector machine on whitened rows. */
final class SvmScorer implements SuspicionScorer {
  private final Model<Event> model;
  private final MahalanobisScorer whitening;
  private final String[] columns;

  SvmScorer(Model<Event> model, MahalanobisScorer whitening) {
    this.model = model;
    this.whitening = whitening;
    this.columns = columns(whitening.columns()).toArray(String[]::new);
  }

  /** The names of the whitened columns. */
  static List<String> columns(int count) {
    return IntStream.range(0, count).mapToObj(i -> String.format(Locale.ROOT, "w%03d", i)).toList();
  }

  @Override
  public String name() {
    return "one_class_svm";
  }

  @Override
  public double raw(double[] row) {
    // LibSVM's is higher for what is more normal.
    return -model
        .predict(ScoringModel.example(columns, whitening.whiten(row)))
        .getOutput()
        .getScore();
  }

  @Override
  public Model<Event> model() {
    return model;
  }
}
