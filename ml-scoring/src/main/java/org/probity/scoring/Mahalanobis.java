package org.probity.scoring;

import java.util.List;

/**
 * A mean and the factor {@code U} of the inverse of a covariance, {@code U'U = C^-1}, so that
 * {@code |U(x - mean)|} is the Mahalanobis distance (Mahalanobis 1936). The covariance is shrunk
 * towards a multiple of the identity, as Ledoit and Wolf (2004) propose, by a given share: constant
 * and collinear columns are harmless.
 *
 * <p>Inputs are winsorised at +-{@link #CLIP}: a single wild column shall not drown the others, nor
 * shape the covariance.
 */
final class Mahalanobis {
  static final double CLIP = 5;

  /** Of a column: inputs come in deviations, of which a small part means nothing. */
  static final double LEAST_VARIANCE = 0.1;

  private final double[] mean;
  private final double[][] factor;

  /**
   * @param mean per column; not copied
   * @param factor lower triangular, row by row; not copied
   */
  Mahalanobis(double[] mean, double[][] factor) {
    this.mean = mean;
    this.factor = factor;
  }

  /** For readers only. */
  double[] mean() {
    return mean;
  }

  /** For readers only. */
  double[][] factor() {
    return factor;
  }

  /** The fit to rows of equal length. O(rows * columns^2). */
  static Mahalanobis fit(List<double[]> rows, double shrinkage) {
    int columns = rows.get(0).length;
    double[] mean = new double[columns];
    for (double[] row : rows) {
      for (int j = 0; j < columns; j++) {
        mean[j] += Robust.clip(row[j], CLIP) / rows.size();
      }
    }
    double[][] covariance = covariance(rows, mean);
    double trace = 0;
    for (int j = 0; j < columns; j++) {
      trace += covariance[j][j];
    }
    double target = trace / columns;
    for (int i = 0; i < columns; i++) {
      for (int j = 0; j <= i; j++) {
        covariance[i][j] = (1 - shrinkage) * covariance[i][j] + (i == j ? shrinkage * target : 0);
      }
    }
    // A floor, for columns that are nearly always the same, as those of an idle time are.
    for (int j = 0; j < columns; j++) {
      covariance[j][j] = Math.max(covariance[j][j], LEAST_VARIANCE);
    }
    return new Mahalanobis(mean, invertTriangle(cholesky(covariance)));
  }

  /** The lower triangle. */
  private static double[][] covariance(List<double[]> rows, double[] mean) {
    int columns = mean.length;
    double[][] sum = new double[columns][columns];
    double[] centred = new double[columns];
    for (double[] row : rows) {
      for (int j = 0; j < columns; j++) {
        centred[j] = Robust.clip(row[j], CLIP) - mean[j];
      }
      for (int i = 0; i < columns; i++) {
        for (int j = 0; j <= i; j++) {
          sum[i][j] += centred[i] * centred[j];
        }
      }
    }
    for (double[] line : sum) {
      for (int j = 0; j < columns; j++) {
        line[j] /= Math.max(1, rows.size() - 1);
      }
    }
    return sum;
  }

  /** L of LL' = the matrix whose lower triangle is given; in place. */
  private static double[][] cholesky(double[][] a) {
    for (int i = 0; i < a.length; i++) {
      for (int j = 0; j <= i; j++) {
        double sum = a[i][j];
        for (int k = 0; k < j; k++) {
          sum -= a[i][k] * a[j][k];
        }
        a[i][j] = i == j ? Math.sqrt(sum) : sum / a[j][j];
      }
    }
    return a;
  }

  private static double[][] invertTriangle(double[][] l) {
    double[][] inverse = new double[l.length][l.length];
    for (int column = 0; column < l.length; column++) {
      inverse[column][column] = 1 / l[column][column];
      for (int i = column + 1; i < l.length; i++) {
        double sum = 0;
        for (int k = column; k < i; k++) {
          sum -= l[i][k] * inverse[k][column];
        }
        inverse[i][column] = sum / l[i][i];
      }
    }
    return inverse;
  }

  /** {@code U(x - mean)}: uncorrelated columns of variance one. O(columns^2). */
  double[] whiten(double[] row) {
    double[] white = new double[mean.length];
    for (int i = 0; i < mean.length; i++) {
      for (int j = 0; j <= i; j++) {
        white[i] += factor[i][j] * (Robust.clip(row[j], CLIP) - mean[j]);
      }
    }
    return white;
  }

  /** {@code z_j (C^-1 z)_j} per column; they sum to the squared distance. O(columns^2). */
  double[] contributions(double[] row) {
    double[] white = whiten(row);
    double[] contributions = new double[mean.length];
    for (int j = 0; j < mean.length; j++) {
      double product = 0;
      for (int i = j; i < mean.length; i++) {
        product += factor[i][j] * white[i];
      }
      contributions[j] = (Robust.clip(row[j], CLIP) - mean[j]) * product;
    }
    return contributions;
  }

  /** The squared distance. O(columns^2). */
  double squared(double[] row) {
    double sum = 0;
    for (double value : whiten(row)) {
      sum += value * value;
    }
    return sum;
  }
}
