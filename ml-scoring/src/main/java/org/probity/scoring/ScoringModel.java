package org.probity.scoring;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import libsvm.svm;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.anomaly.AnomalyFactory;
import org.tribuo.anomaly.Event;
import org.tribuo.anomaly.libsvm.LibSVMAnomalyModel;
import org.tribuo.anomaly.libsvm.LibSVMAnomalyTrainer;
import org.tribuo.anomaly.libsvm.SVMAnomalyType;
import org.tribuo.common.libsvm.KernelType;
import org.tribuo.common.libsvm.SVMParameters;
import org.tribuo.impl.ArrayExample;
import org.tribuo.protos.core.ModelProto;
import org.tribuo.provenance.SimpleDataSourceProvenance;

/**
 * The two models and their calibration. Trained on rows that are taken for normal; which they need
 * not all be: the features are clipped and the support vector machine leaves a share {@link #NU}
 * outside. Immutable, thread-safe.
 *
 * <ul>
 *   <li>{@code mahalanobis}: distance with a shrunk covariance; explains itself.
 *   <li>{@code one_class_svm}: LibSVM's one-class machine (Schölkopf et al. 2001) with a radial
 *       kernel on the whitened rows, so that its kernel measures the same distance.
 * </ul>
 *
 * <p>The same rows, names and seed give the same scores, bit for bit; the models' provenance names
 * the rows by their SHA-256.
 *
 * <p>Saved as protobuf, to be loaded from one's own disk only: <b>a model that somebody else has
 * made is never loaded</b>. The message is
 *
 * <pre>{@code
 * message ScoringModelProto {
 *   bytes names = 1;                     // UTF-8, separated by line feeds
 *   tribuo.core.ModelProto mahalanobis = 2;
 *   tribuo.core.ModelProto one_class_svm = 3;
 *   bytes calibration = 4;               // doubles: per model median and IQR over training rows
 * }
 * }</pre>
 */
public final class ScoringModel {
  public static final int MIN_ROWS = 200;

  /** More rows than this are thinned out, evenly. */
  public static final int MAX_ROWS = 10_000;

  /** The kernel machine's cost grows with the square of its rows. */
  static final int MAX_SVM_ROWS = 3_000;

  /** Less than half a deviation more or less of distance means nothing. */
  private static final double LEAST_DISTANCE = 0.5;

  /** As a share of what the kernel machine can say at all. */
  private static final double LEAST_SIMILARITY = 0.02;

  public static final double NU = 0.1;
  public static final double GAMMA = 0.01;

  /** No classes but these are ever made from a file. */
  private static final Set<String> LOADABLE =
      Set.of(MahalanobisModel.class.getName(), LibSVMAnomalyModel.class.getName());

  static {
    svm.svm_set_print_string_function(text -> {});
  }

  private final List<String> names;
  private final MahalanobisScorer mahalanobis;
  private final SvmScorer machine;
  private final List<Calibration> calibrations;

  private ScoringModel(
      List<String> names,
      MahalanobisScorer mahalanobis,
      SvmScorer machine,
      List<Calibration> calibrations) {
    this.names = List.copyOf(names);
    this.mahalanobis = mahalanobis;
    this.machine = machine;
    this.calibrations = calibrations;
  }

  /**
   * Trains both. Cost: some tenths of a second for {@link #MAX_ROWS} rows of 20 columns.
   *
   * @param names of the columns, different from one another
   * @param rows at least {@link #MIN_ROWS}, normalised
   * @param seed which rows remain when they are thinned out
   */
  public static ScoringModel train(List<String> names, List<double[]> rows, long seed) {
    if (rows.size() < MIN_ROWS) {
      throw new IllegalArgumentException(rows.size() + " rows are too few");
    }
    List<double[]> kept = thin(rows, MAX_ROWS, seed);
    MutableDataset<Event> data = dataset(describe(names, kept, seed), names, kept);
    MahalanobisScorer mahalanobis =
        new MahalanobisScorer(names, (MahalanobisModel) new MahalanobisTrainer().train(data));

    SVMParameters<Event> parameters =
        new SVMParameters<>(new SVMAnomalyType(SVMAnomalyType.SVMMode.ONE_CLASS), KernelType.RBF);
    parameters.setGamma(GAMMA);
    parameters.setNu(NU);
    List<double[]> svmRows = thin(kept, MAX_SVM_ROWS, seed);
    List<double[]> white = svmRows.stream().map(mahalanobis::whiten).toList();
    MutableDataset<Event> whiteData =
        dataset(
            "whitened " + describe(names, svmRows, seed), SvmScorer.columns(names.size()), white);
    SvmScorer machine =
        new SvmScorer(new LibSVMAnomalyTrainer(parameters, seed).train(whiteData), mahalanobis);

    return new ScoringModel(
        names,
        mahalanobis,
        machine,
        List.of(
            Calibration.of(mahalanobis, svmRows, LEAST_DISTANCE),
            Calibration.of(machine, svmRows, LEAST_SIMILARITY * NU * svmRows.size())));
  }

  /** The columns of a row. */
  public List<String> names() {
    return names;
  }

  /** Mahalanobis, then the support vector machine. */
  public List<SuspicionScorer> scorers() {
    return List.of(mahalanobis, machine);
  }

  /** The features of a row that make it unusual, largest first. */
  public List<Suspicion.Reason> reasons(double[] row) {
    double[] contributions = mahalanobis.contributions(row);
    return IntStream.range(0, row.length)
        .boxed()
        .filter(column -> contributions[column] > 0)
        .sorted(Comparator.comparingDouble((Integer column) -> -contributions[column]))
        .limit(Suspicion.MAX_REASONS)
        .map(column -> new Suspicion.Reason(names.get(column), row[column], contributions[column]))
        .toList();
  }

  /** How each scorer scored the training rows. */
  List<Calibration> calibrations() {
    return calibrations;
  }

  /** A new peer's history for each scorer. */
  List<OwnHistory> histories() {
    return calibrations.stream().map(at -> new OwnHistory(at.spread())).toList();
  }

  private double[] calibrationValues() {
    return calibrations.stream()
        .flatMapToDouble(at -> DoubleStream.of(at.usual(), at.spread()))
        .toArray();
  }

  /** Writes the model to a file of ours; what was there before is replaced at once. */
  public void save(Path file) throws IOException {
    UnknownFieldSet message =
        UnknownFieldSet.newBuilder()
            .addField(1, Wire.bytes(ByteString.copyFromUtf8(String.join("\n", names))))
            .addField(2, Wire.bytes(mahalanobis.model().serialize().toByteString()))
            .addField(3, Wire.bytes(machine.model().serialize().toByteString()))
            .addField(4, Wire.bytes(Wire.doubles(calibrationValues())))
            .build();
    Path whole = file.toAbsolutePath();
    Path part = whole.resolveSibling(whole.getFileName() + ".part");
    Files.write(part, message.toByteArray());
    Files.move(part, whole, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /**
   * Reads what {@link #save} wrote. There is no way to load from anything but a local file, and
   * there is none on purpose.
   *
   * @throws IOException if it cannot be read or is not such a model
   */
  public static ScoringModel load(Path file) throws IOException {
    try {
      UnknownFieldSet message = UnknownFieldSet.parseFrom(Files.readAllBytes(file));
      List<String> names = List.of(Wire.bytes(message, 1).toStringUtf8().split("\n", -1));
      MahalanobisScorer mahalanobis =
          new MahalanobisScorer(names, (MahalanobisModel) model(message, 2));
      SvmScorer machine = new SvmScorer(model(message, 3), mahalanobis);
      double[] values = Wire.doubles(Wire.bytes(message, 4));
      if (values.length != 4) {
        throw new IllegalArgumentException("calibration");
      }
      return new ScoringModel(
          names,
          mahalanobis,
          machine,
          List.of(new Calibration(values[0], values[1]), new Calibration(values[2], values[3])));
    } catch (InvalidProtocolBufferException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new IOException("not a scoring model: " + file, e);
    }
  }

  private static Model<Event> model(UnknownFieldSet message, int field)
      throws InvalidProtocolBufferException {
    ModelProto proto = ModelProto.parseFrom(Wire.bytes(message, field));
    if (!LOADABLE.contains(proto.getClassName())) {
      throw new IllegalArgumentException("not a model of ours: " + proto.getClassName());
    }
    return Model.deserialize(proto).castModel(Event.class);
  }

  private static MutableDataset<Event> dataset(
      String description, List<String> names, List<double[]> rows) {
    AnomalyFactory factory = new AnomalyFactory();
    MutableDataset<Event> data =
        new MutableDataset<>(new SimpleDataSourceProvenance(description, factory), factory);
    rows.forEach(row -> data.add(example(names.toArray(String[]::new), row)));
    return data;
  }

  static ArrayExample<Event> example(String[] names, double[] row) {
    return new ArrayExample<>(AnomalyFactory.EXPECTED_EVENT, names, row);
  }

  /** Evenly spaced rows, the first one chosen by the seed. */
  private static List<double[]> thin(List<double[]> rows, int most, long seed) {
    if (rows.size() <= most) {
      return rows;
    }
    List<double[]> kept = new ArrayList<>();
    long first = Math.floorMod(seed, (long) (rows.size() / most));
    for (int i = 0; i < most; i++) {
      kept.add(rows.get((int) (first + (long) i * rows.size() / most) % rows.size()));
    }
    return kept;
  }

  private static String describe(List<String> names, List<double[]> rows, long seed) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(String.join("\n", names).getBytes(StandardCharsets.UTF_8));
      ByteBuffer buffer = ByteBuffer.allocate(names.size() * Double.BYTES);
      for (double[] row : rows) {
        buffer.clear();
        for (double value : row) {
          buffer.putDouble(value);
        }
        digest.update(buffer.flip());
      }
      return rows.size()
          + " rows, sha256 "
          + HexFormat.of().formatHex(digest.digest())
          + ", seed "
          + seed;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
