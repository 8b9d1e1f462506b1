package org.probity.scoring;

import com.oracle.labs.mlrg.olcut.config.Config;
import com.oracle.labs.mlrg.olcut.provenance.Provenance;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.tribuo.Dataset;
import org.tribuo.Example;
import org.tribuo.ImmutableFeatureMap;
import org.tribuo.ImmutableOutputInfo;
import org.tribuo.Model;
import org.tribuo.Trainer;
import org.tribuo.anomaly.Event;
import org.tribuo.provenance.ModelProvenance;
import org.tribuo.provenance.TrainerProvenance;
import org.tribuo.provenance.impl.TrainerProvenanceImpl;

/**
 * Trains a {@link MahalanobisModel}. There is no chance in it: the same rows in the same order give
 * the same model, bit for bit.
 */
public final class MahalanobisTrainer implements Trainer<Event> {
  /** Of the training rows this share counts as expected. */
  static final double EXPECTED_SHARE = 0.99;

  @Config(description = "Share of the identity in the covariance, above 0 and at most 1.")
  private double shrinkage = 0.01;

  private int invocations;

  /** With the default shrinkage, 0.01. */
  public MahalanobisTrainer() {}

  /** With another one, above 0 and at most 1. */
  public MahalanobisTrainer(double shrinkage) {
    if (!(shrinkage > 0 && shrinkage <= 1)) {
      throw new IllegalArgumentException("shrinkage " + shrinkage);
    }
    this.shrinkage = shrinkage;
  }

  @Override
  public Model<Event> train(Dataset<Event> examples, Map<String, Provenance> runProvenance) {
    ImmutableFeatureMap features = examples.getFeatureIDMap();
    ImmutableOutputInfo<Event> outputs = examples.getOutputIDInfo();
    List<double[]> rows = new ArrayList<>();
    for (Example<Event> example : examples) {
      rows.add(MahalanobisModel.row(example, features));
    }
    Mahalanobis fit = Mahalanobis.fit(rows, shrinkage);
    double threshold =
        Robust.quantile(rows.stream().mapToDouble(fit::squared).toArray(), EXPECTED_SHARE);
    ModelProvenance provenance =
        new ModelProvenance(
            MahalanobisModel.class.getName(),
            OffsetDateTime.now(ZoneOffset.UTC),
            examples.getProvenance(),
            getProvenance(),
            runProvenance);
    invocations++;
    return new MahalanobisModel("mahalanobis", provenance, features, outputs, fit, threshold);
  }

  @Override
  public int getInvocationCount() {
    return invocations;
  }

  @Override
  public TrainerProvenance getProvenance() {
    return new TrainerProvenanceImpl(this);
  }
}
