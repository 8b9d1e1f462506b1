package org.probity.node.scoring;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.probity.detector.audit.Priority;
import org.probity.scoring.PeerFeature;
import org.probity.scoring.PeerFeatures;
import org.probity.scoring.PeerNormaliser;
import org.probity.scoring.PeerScoring;
import org.probity.scoring.ScoringModel;
import org.probity.scoring.Suspicion;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Scores peers, epoch by epoch, from what {@link #observer} is told: the adapter between this node
 * and {@code ml-scoring}, and the only place that knows both. What leaves it are {@link Priority
 * hints} for the schedule of audits and {@link PeerScore texts for people}.
 *
 * <p>All scoring and training happens on one thread of its own; readers see the result of the last
 * epoch. Whatever fails there ends in no score, which is 0, and is logged.
 *
 * <p>The model is kept in the data folder and used again after a restart; the measurements are not.
 */
public final class PeerScores implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PeerScores.class);

  /** How often wards are asked whether they owe entries. */
  private static final long LOOK_MILLIS = 1_000;

  /** Older scores than so many epochs are nobody's: whatever makes them has stopped. */
  private static final int STALE_EPOCHS = 5;

  /** However short an epoch is: training takes its time. */
  private static final Duration STALE_AT_THE_EARLIEST = Duration.ofSeconds(5);

  private static final Duration ENDING = Duration.ofSeconds(10);

  private static final Scores NOTHING = new Scores(Map.of(), 0);

  /** What was measured last, and when. */
  private record Scores(Map<String, PeerScore> byPeer, long sinceNanos) {}

  private static final String MODEL_FILE = "model.pb";

  /** Fixed: training again on the same rows gives the same model. */
  private static final long SEED = 1;

  private final ScoringSettings settings;
  private final long staleNanos;
  private final PeerTelemetry telemetry;
  private final Looks looks;
  private final Path folder;
  private final ScheduledExecutorService worker;

  // Owned by the worker.
  private final PeerScoring scoring = new PeerScoring();
  private int epochsSinceTraining;
  private int rowsAtTraining;
  private String told = "";

  private volatile Scores scores = NOTHING;
  private final LongAdder failures = new LongAdder();
  private volatile Status status = new Status(false, 0, 0);

  /** What is not told but looked at. */
  public interface Looks {
    /** Every ward, and whether it owes entries that it signed a while ago. */
    Map<String, Boolean> wardsThatOwe();

    /** Per node the age in seconds of the oldest challenge that it was put and has not answered. */
    Map<String, Double> openChallengeSeconds();
  }

  /**
   * How far the model is.
   *
   * @param trained whether there is one: without it every score is 0
   * @param rows measurements that the next one is trained on
   * @param epochs since the start
   */
  public record Status(boolean trained, int rows, long epochs) {}

  /**
   * Nothing happens before {@link #start}.
   *
   * @param nodes of the consortium
   * @param folder of this class alone; made when there is a model to keep
   */
  public PeerScores(
      ScoringSettings settings,
      String self,
      Collection<String> nodes,
      Looks looks,
      Path folder,
      ThreadFactory threads) {
    this.settings = settings;
    this.staleNanos =
        Math.max(
            STALE_AT_THE_EARLIEST.toNanos(), settings.epoch().multipliedBy(STALE_EPOCHS).toNanos());
    this.telemetry = new PeerTelemetry(self, nodes, System::currentTimeMillis, System::nanoTime);
    this.looks = looks;
    this.folder = folder;
    this.worker = Executors.newSingleThreadScheduledExecutor(threads);
  }

  /** To be told what happens. */
  public PeerObserver observer() {
    return settings.enabled() ? telemetry : PeerObserver.BLIND;
  }

  /** Begins to score, if that is wanted. */
  public void start() {
    if (settings.enabled()) {
      long epoch = settings.epoch().toMillis();
      worker.execute(() -> guarded("the model", this::load));
      every(LOOK_MILLIS, () -> guarded("a look", this::look));
      every(epoch, () -> guarded("an epoch", this::epoch));
    }
  }

  private void every(long millis, Runnable task) {
    // It never ends by itself: whatever fails in it is told there.
    @SuppressWarnings("unused")
    var unused = worker.scheduleWithFixedDelay(task, millis, millis, TimeUnit.MILLISECONDS);
  }

  /** SPEC protocol.md §9: clamped; NaN, exception or missing model = 0. */
  public Priority priority(String ward) {
    return Priority.from(() -> score(ward).score());
  }

  /** At the end of the last epoch, if that is not too long ago. */
  public PeerScore score(String peer) {
    Scores last = scores;
    return System.nanoTime() - last.sinceNanos() < staleNanos
        ? last.byPeer().getOrDefault(peer, PeerScore.NONE)
        : PeerScore.NONE;
  }

  public ScoringSettings settings() {
    return settings;
  }

  /** How often something has failed since the start. */
  public long failures() {
    return failures.sum();
  }

  public Status status() {
    return status;
  }

  private interface Work {
    void run() throws IOException;
  }

  /** What goes wrong here must be nobody's loss but the scores'; told once per cause. */
  private void guarded(String what, Work work) {
    try {
      work.run();
    } catch (Throwable e) {
      // Also an Error: what the model's library throws would end the periodic task without a word.
      failures.increment();
      scores = NOTHING;
      String trouble = what + " has failed: " + e;
      if (!trouble.equals(told)) {
        LOG.warn("scoring: {}", trouble, e);
        told = trouble;
      }
    }
  }

  private void look() {
    looks.wardsThatOwe().forEach(telemetry::looked);
  }

  private void epoch() throws IOException {
    List<PeerFeatures> measured = telemetry.epoch(looks.openChallengeSeconds());
    Map<String, Suspicion> suspicions = scoring.epoch(measured);
    Map<String, PeerFeatures> byPeer = new TreeMap<>();
    measured.forEach(one -> byPeer.put(one.peer(), one));
    Map<String, PeerScore> next = new LinkedHashMap<>();
    suspicions.forEach(
        (peer, suspicion) -> {
          PeerFeatures of = byPeer.get(peer);
          if (of != null) {
            next.put(peer, score(suspicion, of));
          }
        });
    scores = new Scores(Map.copyOf(next), System.nanoTime());
    int rows = scoring.rows().size();
    status = new Status(status.trained(), rows, status.epochs() + 1);
    epochsSinceTraining++;
    if (isTimeToTrain(rows)) {
      train();
    }
  }

  /** Early on whenever there is twice as much to learn from, later from time to time. */
  private boolean isTimeToTrain(int rows) {
    return rows >= ScoringModel.MIN_ROWS
        && (rows >= 2 * rowsAtTraining || epochsSinceTraining >= settings.trainEpochs());
  }

  private void train() throws IOException {
    rowsAtTraining = scoring.rows().size();
    epochsSinceTraining = 0;
    Optional<ScoringModel> model = scoring.train(SEED);
    if (model.isPresent()) {
      try {
        Files.createDirectories(folder);
        model.get().save(folder.resolve(MODEL_FILE));
      } finally {
        use(model.get());
        LOG.info("peers are scored by a model of {} rows", rowsAtTraining);
      }
    }
  }

  private void load() throws IOException {
    Path file = folder.resolve(MODEL_FILE);
    if (Files.exists(file)) {
      use(ScoringModel.load(file));
      LOG.info("peers are scored by the model that was trained before the restart");
    }
  }

  private void use(ScoringModel model) {
    scoring.use(model);
    status = new Status(true, status.rows(), status.epochs());
  }

  private static PeerScore score(Suspicion suspicion, PeerFeatures measured) {
    return new PeerScore(
        suspicion.score(),
        suspicion.byModel(),
        suspicion.reasons().stream().map(reason -> reason(reason, measured)).toList());
  }

  private static PeerScore.Reason reason(Suspicion.Reason reason, PeerFeatures measured) {
    Optional<PeerFeature> feature = feature(reason.feature());
    return new PeerScore.Reason(
        reason.feature(),
        feature.map(measured::value).orElseGet(OptionalDouble::empty),
        feature.map(PeerFeature::unit).orElse(""),
        reason.normalised(),
        reason.contribution());
  }

  /** The columns of {@link PeerNormaliser#NAMES} are features, but for the load common to all. */
  private static Optional<PeerFeature> feature(String column) {
    for (PeerFeature feature : PeerFeature.values()) {
      if (feature.name().toLowerCase(Locale.ROOT).equals(column)) {
        return Optional.of(feature);
      }
    }
    return Optional.empty();
  }

  /** No epoch begins any more; waits for the one under way. */
  @Override
  public void close() {
    worker.shutdownNow();
    try {
      if (!worker.awaitTermination(ENDING.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warn("scoring does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
