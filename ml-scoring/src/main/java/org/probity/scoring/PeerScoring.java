package org.probity.scoring;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Scores the peers of one role, epoch by epoch, and remembers the rows to train on.
 *
 * <pre>{@code
 * PeerScoring scoring = new PeerScoring();
 * Map<String, Suspicion> suspicions = scoring.epoch(measured); // one PeerFeatures per peer
 * scoring.train(seed).ifPresent(scoring::use);                 // now and then
 * }</pre>
 *
 * <p>A peer's score is the largest that the models give it against its own history. Without a model
 * it is 0. Keeps at most {@link ScoringModel#MAX_ROWS} rows. Single owner, not thread-safe; {@link
 * ScoringModel#train} may run elsewhere, on {@link #rows}.
 */
public final class PeerScoring {
  private final PeerNormaliser normaliser = new PeerNormaliser();
  private final Map<String, List<OwnHistory>> histories = new TreeMap<>();
  private final List<double[]> rows = new ArrayList<>();
  private @Nullable ScoringModel model;
  private int oldestRow;

  /** From now on this model scores; histories begin anew, for scales differ between models. */
  public void use(ScoringModel trained) {
    if (!trained.names().equals(PeerNormaliser.NAMES)) {
      throw new IllegalArgumentException("a model of other features");
    }
    model = trained;
    histories.clear();
  }

  /** A model of the rows so far; none while there are fewer than {@link ScoringModel#MIN_ROWS}. */
  public Optional<ScoringModel> train(long seed) {
    return rows.size() < ScoringModel.MIN_ROWS
        ? Optional.empty()
        : Optional.of(ScoringModel.train(PeerNormaliser.NAMES, rows(), seed));
  }

  /** The normalised rows of the latest epochs, oldest first. */
  public List<double[]> rows() {
    List<double[]> ordered = new ArrayList<>(rows.subList(oldestRow, rows.size()));
    ordered.addAll(rows.subList(0, oldestRow));
    return ordered;
  }

  /** The peers' suspicions at the end of an epoch. Cost: some 100 microseconds per peer. */
  public Map<String, Suspicion> epoch(Collection<PeerFeatures> measured) {
    Map<String, double[]> latest = normaliser.normalise(measured);
    latest.values().forEach(this::remember);
    Map<String, Suspicion> suspicions = new LinkedHashMap<>();
    ScoringModel by = model;
    if (by == null) {
      latest.keySet().forEach(peer -> suspicions.put(peer, Suspicion.NONE));
      return suspicions;
    }
    List<double[]> raw = new ArrayList<>();
    for (int i = 0; i < by.scorers().size(); i++) {
      raw.add(raw(by.scorers().get(i), by.calibrations().get(i), latest));
    }
    int at = 0;
    for (Map.Entry<String, double[]> peer : latest.entrySet()) {
      suspicions.put(peer.getKey(), score(by, peer.getKey(), peer.getValue(), raw, at++));
    }
    return suspicions;
  }

  /** Of all peers, in order; what is common to them, such as an unusual load, is taken away. */
  private static double[] raw(
      SuspicionScorer scorer, Calibration calibration, Map<String, double[]> latest) {
    double[] raw = latest.values().stream().mapToDouble(scorer::raw).toArray();
    double common =
        raw.length < PeerNormaliser.MIN_PEERS ? calibration.usual() : Robust.median(raw);
    return Arrays.stream(raw).map(value -> value - common).toArray();
  }

  /** The peer is gone, or its scores shall begin anew. */
  public void forget(String peer) {
    normaliser.forget(peer);
    histories.remove(peer);
  }

  private Suspicion score(ScoringModel by, String peer, double[] row, List<double[]> raw, int at) {
    List<OwnHistory> own = histories.computeIfAbsent(peer, unknown -> by.histories());
    Map<String, Double> byModel = new LinkedHashMap<>();
    double most = 0;
    for (int i = 0; i < own.size(); i++) {
      double score = own.get(i).next(raw.get(i)[at]);
      byModel.put(by.scorers().get(i).name(), score);
      most = Math.max(most, score);
    }
    return new Suspicion(most, Map.copyOf(byModel), by.reasons(row));
  }

  private void remember(double[] row) {
    if (rows.size() < ScoringModel.MAX_ROWS) {
      rows.add(row);
    } else {
      rows.set(oldestRow, row);
      oldestRow = (oldestRow + 1) % rows.size();
    }
  }
}
