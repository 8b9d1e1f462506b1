package org.probity.scoring;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import com.oracle.labs.mlrg.olcut.util.Pair;
import java.io.NotSerializableException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tribuo.Example;
import org.tribuo.Excuse;
import org.tribuo.Feature;
import org.tribuo.ImmutableFeatureMap;
import org.tribuo.ImmutableOutputInfo;
import org.tribuo.Model;
import org.tribuo.Prediction;
import org.tribuo.anomaly.Event;
import org.tribuo.impl.ModelDataCarrier;
import org.tribuo.protos.core.ModelDataProto;
import org.tribuo.protos.core.ModelProto;
import org.tribuo.provenance.ModelProvenance;

/**
 * The squared Mahalanobis distance from what was seen in training, as a model of Tribuo. The score
 * of an event is the sum of its features' contributions, exactly; higher is more anomalous.
 *
 * <p>Saved as protobuf: a {@code ModelProto} whose data is the message
 *
 * <pre>{@code
 * message MahalanobisModelProto {
 *   tribuo.core.ModelDataProto metadata = 1;
 *   bytes mean = 2;        // doubles, IEEE 754, little-endian, one per feature
 *   bytes factor = 3;      // the same, lower triangular, row by row, zeros included
 *   fixed64 threshold = 4; // a double's bits: what is above is ANOMALOUS
 * }
 * }</pre>
 */
public final class MahalanobisModel extends Model<Event> {
  private static final long serialVersionUID = 1L;
  private static final int VERSION = 0;
  private static final String TYPE_URL = "probity/org.probity.scoring.MahalanobisModelProto";

  private final transient Mahalanobis fit;
  private final double threshold;

  MahalanobisModel(
      String name,
      ModelProvenance provenance,
      ImmutableFeatureMap features,
      ImmutableOutputInfo<Event> outputs,
      Mahalanobis fit,
      double threshold) {
    super(name, provenance, features, outputs, false);
    this.fit = fit;
    this.threshold = threshold;
  }

  /** Java's serialization is no door to models; protobuf is the only one. */
  private void writeObject(ObjectOutputStream out) throws NotSerializableException {
    throw new NotSerializableException(MahalanobisModel.class.getName());
  }

  private void readObject(ObjectInputStream in) throws NotSerializableException {
    throw new NotSerializableException(MahalanobisModel.class.getName());
  }

  /** The values of an example, in the order of the features' ids; 0 for a feature it lacks. */
  static double[] row(Example<Event> example, ImmutableFeatureMap features) {
    double[] row = new double[features.size()];
    for (Feature feature : example) {
      int id = features.getID(feature.getName());
      if (id >= 0) {
        row[id] = feature.getValue();
      }
    }
    return row;
  }

  Mahalanobis fit() {
    return fit;
  }

  @Override
  public Prediction<Event> predict(Example<Event> example) {
    double score = fit.squared(row(example, featureIDMap));
    Event.EventType type = score > threshold ? Event.EventType.ANOMALOUS : Event.EventType.EXPECTED;
    return new Prediction<>(new Event(type, score), example.size(), example);
  }

  /** The features that the distance weighs most, by the diagonal of the inverse covariance. */
  @Override
  public Map<String, List<Pair<String, Double>>> getTopFeatures(int n) {
    double[] weights = new double[featureIDMap.size()];
    for (double[] line : fit.factor()) {
      for (int j = 0; j < weights.length; j++) {
        weights[j] += line[j] * line[j];
      }
    }
    List<Pair<String, Double>> named = named(weights);
    return Map.of(Model.ALL_OUTPUTS, n < 0 ? named : named.subList(0, Math.min(n, named.size())));
  }

  /** What each feature adds to the score, largest first. */
  @Override
  public Optional<Excuse<Event>> getExcuse(Example<Event> example) {
    double[] contributions = fit.contributions(row(example, featureIDMap));
    return Optional.of(
        new Excuse<>(example, predict(example), Map.of(Model.ALL_OUTPUTS, named(contributions))));
  }

  private List<Pair<String, Double>> named(double[] values) {
    List<Pair<String, Double>> named = new ArrayList<>();
    for (int id = 0; id < values.length; id++) {
      named.add(new Pair<>(featureIDMap.get(id).getName(), values[id]));
    }
    named.sort(Comparator.comparingDouble(pair -> -pair.getB()));
    return named;
  }

  @Override
  protected Model<Event> copy(String newName, ModelProvenance newProvenance) {
    return new MahalanobisModel(newName, newProvenance, featureIDMap, outputIDInfo, fit, threshold);
  }

  @Override
  public ModelProto serialize() {
    double[][] factor = fit.factor();
    double[] flat = new double[factor.length * factor.length];
    for (int i = 0; i < factor.length; i++) {
      System.arraycopy(factor[i], 0, flat, i * factor.length, factor.length);
    }
    UnknownFieldSet data =
        UnknownFieldSet.newBuilder()
            .addField(1, Wire.bytes(createDataCarrier().serialize().toByteString()))
            .addField(2, Wire.bytes(Wire.doubles(fit.mean())))
            .addField(3, Wire.bytes(Wire.doubles(flat)))
            .addField(4, Wire.bits(threshold))
            .build();
    return ModelProto.newBuilder()
        .setVersion(VERSION)
        .setClassName(MahalanobisModel.class.getName())
        .setSerializedData(
            Any.newBuilder().setTypeUrl(TYPE_URL).setValue(data.toByteString()).build())
        .build();
  }

  /** Called by Tribuo, by this name. */
  public static MahalanobisModel deserializeFromProto(int version, String className, Any message)
      throws InvalidProtocolBufferException {
    if (version != VERSION || !message.getTypeUrl().equals(TYPE_URL)) {
      throw new IllegalArgumentException("unknown version " + version + " of " + className);
    }
    UnknownFieldSet data = UnknownFieldSet.parseFrom(message.getValue());
    ByteString metadata = Wire.bytes(data, 1);
    ModelDataCarrier<?> carrier = ModelDataCarrier.deserialize(ModelDataProto.parseFrom(metadata));
    double[] mean = Wire.doubles(Wire.bytes(data, 2));
    double[] flat = Wire.doubles(Wire.bytes(data, 3));
    int columns = mean.length;
    if (flat.length != columns * columns
        || carrier.featureDomain().size() != columns
        || !carrier.outputDomain().getOutput(0).getClass().equals(Event.class)) {
      throw new IllegalArgumentException("a damaged model");
    }
    double[][] factor = new double[columns][columns];
    for (int i = 0; i < columns; i++) {
      System.arraycopy(flat, i * columns, factor[i], 0, columns);
    }
    @SuppressWarnings("unchecked") // checked right above
    ImmutableOutputInfo<Event> outputs = (ImmutableOutputInfo<Event>) carrier.outputDomain();
    return new MahalanobisModel(
        carrier.name(),
        carrier.provenance(),
        carrier.featureDomain(),
        outputs,
        new Mahalanobis(mean, factor),
        Wire.bits(data, 4));
  }
}
