package org.probity.scoring;

import java.util.EnumMap;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * What was measured about one peer in one epoch: aggregates, no content of any transaction.
 * Immutable. A number that is not finite counts as not measured, one beyond its range as the end of
 * the range.
 */
public final class PeerFeatures {
  /** Trials added to each rate, without a hit: few trials make no suspicion. */
  public static final double SHRINKAGE_TRIALS = 10;

  private final String peer;
  private final Map<PeerFeature, Double> values;

  private PeerFeatures(String peer, Map<PeerFeature, Double> values) {
    this.peer = peer;
    this.values = values;
  }

  /** The measurements of a peer; what the map lacks was not measured. */
  public static PeerFeatures of(String peer, Map<PeerFeature, Double> measured) {
    Map<PeerFeature, Double> values = new EnumMap<>(PeerFeature.class);
    measured.forEach(
        (feature, value) -> {
          if (Double.isFinite(value)) {
            values.put(feature, Math.max(feature.min(), Math.min(feature.max(), value)));
          }
        });
    return new PeerFeatures(peer, values);
  }

  /** A rate that is shrunk towards zero as long as there are few trials. */
  public static double rate(double hits, double trials) {
    return hits / (trials + SHRINKAGE_TRIALS);
  }

  public String peer() {
    return peer;
  }

  /** The value, in the feature's unit, if it was measured. */
  public OptionalDouble value(PeerFeature feature) {
    Double value = values.get(feature);
    return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
  }
}
