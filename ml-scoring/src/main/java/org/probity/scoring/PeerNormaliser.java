package org.probity.scoring;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * Measurements to numbers without units: {@code z = (x - median of the peers) / (1.4826 MAD +
 * eps)}, clipped to +-10, per epoch. So what hits all peers alike cancels. What was not measured is
 * 0.
 *
 * <p>Fewer than {@link #MIN_PEERS} peers have no useful median; then each is compared with its own
 * last {@link #HISTORY_EPOCHS} epochs instead, once it has {@link #MIN_HISTORY_EPOCHS}. The last
 * column, {@code common_load}, is the median of the peers' load against its own history.
 *
 * <p>All peers of one normaliser have the same role. Not thread-safe.
 */
public final class PeerNormaliser {
  public static final double CLIP = 10;
  public static final int MIN_PEERS = 4;
  public static final int HISTORY_EPOCHS = 240;
  public static final int MIN_HISTORY_EPOCHS = 30;

  private static final List<PeerFeature> COLUMNS =
      Arrays.stream(PeerFeature.values())
          .filter(feature -> feature.group() != PeerFeature.Group.LOAD)
          .toList();

  /** The name of each column of a row. */
  public static final List<String> NAMES = names();

  private final Map<String, List<Deque<Double>>> histories = new TreeMap<>();
  private final Deque<Double> commonLoad = new ArrayDeque<>();

  private static List<String> names() {
    List<String> names = new ArrayList<>();
    COLUMNS.forEach(feature -> names.add(feature.name().toLowerCase(Locale.ROOT)));
    names.add("common_load");
    return List.copyOf(names);
  }

  /** The rows of all peers of the epoch that has ended, in the order given. */
  public Map<String, double[]> normalise(Collection<PeerFeatures> epoch) {
    double load = Robust.median(measured(epoch, PeerFeature.LOAD));
    double common = againstHistory(load, remember(commonLoad, load), PeerFeature.LOAD);
    List<double[]> peers = COLUMNS.stream().map(feature -> measured(epoch, feature)).toList();
    Map<String, double[]> rows = new LinkedHashMap<>();
    for (PeerFeatures peer : epoch) {
      double[] row = new double[NAMES.size()];
      for (int column = 0; column < COLUMNS.size(); column++) {
        row[column] = cell(peer, column, peers.get(column));
      }
      row[COLUMNS.size()] = common;
      rows.put(peer.peer(), row);
    }
    return rows;
  }

  private double cell(PeerFeatures peer, int column, double[] peers) {
    PeerFeature feature = COLUMNS.get(column);
    OptionalDouble measured = peer.value(feature);
    if (measured.isEmpty()) {
      return 0;
    }
    double[] own = remember(history(peer.peer(), column), measured.getAsDouble());
    return peers.length >= MIN_PEERS
        ? z(measured.getAsDouble(), peers, feature)
        : againstHistory(measured.getAsDouble(), own, feature);
  }

  /** The peer is gone. */
  public void forget(String peer) {
    histories.remove(peer);
  }

  private Deque<Double> history(String peer, int column) {
    return histories
        .computeIfAbsent(peer, unknown -> COLUMNS.stream().map(c -> emptyHistory()).toList())
        .get(column);
  }

  private static Deque<Double> emptyHistory() {
    return new ArrayDeque<>();
  }

  /** What was before, and then adds. */
  private static double[] remember(Deque<Double> history, double value) {
    double[] before = history.stream().mapToDouble(Double::doubleValue).toArray();
    history.addLast(value);
    if (history.size() > HISTORY_EPOCHS) {
      history.removeFirst();
    }
    return before;
  }

  private static double againstHistory(double value, double[] own, PeerFeature feature) {
    return own.length < MIN_HISTORY_EPOCHS ? 0 : z(value, own, feature);
  }

  private static double z(double value, double[] of, PeerFeature feature) {
    double median = Robust.median(of);
    return Robust.clip((value - median) / (Robust.sigma(of, median) + feature.resolution()), CLIP);
  }

  private static double[] measured(Collection<PeerFeatures> epoch, PeerFeature feature) {
    return epoch.stream().flatMapToDouble(peer -> peer.value(feature).stream()).toArray();
  }
}
