package org.probity.scoring;

import java.util.List;
import java.util.stream.IntStream;

/** Scores by the Mahalanobis distance, and explains it. */
final class MahalanobisScorer implements SuspicionScorer {
  private final MahalanobisModel model;
  private final int[] columnOfId;
  private final int[] idOfColumn;

  MahalanobisScorer(List<String> names, MahalanobisModel model) {
    this.model = model;
    this.columnOfId = new int[names.size()];
    this.idOfColumn = new int[names.size()];
    if (model.getFeatureIDMap().size() != names.size()) {
      throw new IllegalArgumentException("the model knows other features");
    }
    for (int column = 0; column < names.size(); column++) {
      int id = model.getFeatureIDMap().getID(names.get(column));
      columnOfId[id] = column;
      idOfColumn[column] = id;
    }
  }

  /** Tribuo sorts features by name. */
  private double[] byId(double[] row) {
    double[] sorted = new double[row.length];
    for (int id = 0; id < row.length; id++) {
      sorted[id] = row[columnOfId[id]];
    }
    return sorted;
  }

  /** Uncorrelated columns of variance one. */
  double[] whiten(double[] row) {
    return model.fit().whiten(byId(row));
  }

  /** What each column adds to the squared distance. */
  double[] contributions(double[] row) {
    double[] sorted = model.fit().contributions(byId(row));
    return IntStream.of(idOfColumn).mapToDouble(id -> sorted[id]).toArray();
  }

  int columns() {
    return columnOfId.length;
  }

  @Override
  public String name() {
    return "mahalanobis";
  }

  @Override
  public double raw(double[] row) {
    return Math.sqrt(model.fit().squared(byId(row)));
  }

  @Override
  public MahalanobisModel model() {
    return model;
  }
}
