package org.probity.node.scoring;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;
import org.probity.scoring.PeerFeature;
import org.probity.scoring.PeerFeatures;

/**
 * What was counted about one peer since the epoch began. What was never tried is not measured: it
 * is absent from the features, and not 0.
 *
 * <p>Bounded: two histograms of some 30 KB and one number per other node. Not thread-safe.
 */
final class EpochCounts {
  private static final long MAX_MICROS = 3_600_000_000L;
  private static final int DIGITS = 2;
  private static final double MICROS_PER_MILLI = 1e3;
  private static final long NANOS_PER_DAY = 86_400_000_000_000L;

  /** Returns that are remembered: more in one day count as so many. */
  private static final int MAX_RETURNS = 1_000;

  private final Histogram acks = new Histogram(MAX_MICROS, DIGITS);
  private final Histogram challenges = new Histogram(MAX_MICROS, DIGITS);
  private final Histogram intervals = new Histogram(MAX_MICROS, DIGITS);
  private final Deque<Long> returns = new ArrayDeque<>();
  private final Map<String, Long> messagesTo = new TreeMap<>();
  private boolean lastWasLost;
  private long lastStoredNanos;
  private boolean isWard;

  private long sent;
  private long again;
  private long lost;
  private long messages;
  private long duplicates;
  private long entries;
  private long transactions;
  private long rejected;
  private long compared;
  private long disagreed;
  private long looks;
  private long owing;
  private long unmatched;
  private OptionalDouble skewMillis = OptionalDouble.empty();

  /** The next message's sequence, by incarnation of the receiver: it outlives epochs. */
  private long nextSequence;

  void sent() {
    sent++;
    again += lastWasLost ? 1 : 0;
    lastWasLost = false;
  }

  void acknowledged(long nanos) {
    acks.recordValue(micros(nanos));
  }

  void lost() {
    lost++;
    lastWasLost = true;
  }

  void challengeAnswered(long nanos) {
    challenges.recordValue(micros(nanos));
  }

  private static long micros(long nanos) {
    return Math.max(0, Math.min(MAX_MICROS, nanos / 1_000));
  }

  /** One message of the peer has arrived; whether it is a new one. */
  boolean received(long sequence) {
    messages++;
    if (sequence < nextSequence) {
      duplicates++;
      return false;
    }
    nextSequence = sequence + 1;
    return true;
  }

  void stored(int count, long nowNanos) {
    isWard = true;
    entries += count;
    if (lastStoredNanos != 0) {
      intervals.recordValue(micros(nowNanos - lastStoredNanos));
    }
    lastStoredNanos = nowNanos;
  }

  /** A TICK has arrived. The entry that travelled least long shows the skew best. */
  void clock(double aheadMillis) {
    skewMillis = OptionalDouble.of(Math.max(aheadMillis, skewMillis.orElse(aheadMillis)));
  }

  void transaction(boolean isRejected) {
    transactions++;
    rejected += isRejected ? 1 : 0;
  }

  void messageTo(String receiver) {
    messagesTo.merge(receiver, 1L, Long::sum);
  }

  /** Of its messages, more were sent (or, if negative, received) than the other side knows of. */
  void unmatched(long count) {
    unmatched += count;
  }

  void compared(boolean agrees) {
    compared++;
    disagreed += agrees ? 0 : 1;
  }

  void looked(boolean owes) {
    isWard = true;
    looks++;
    owing += owes ? 1 : 0;
  }

  void returned(long nowNanos) {
    returns.addLast(nowNanos);
    if (returns.size() > MAX_RETURNS) {
      returns.removeFirst();
    }
  }

  OptionalDouble skewMillis() {
    return skewMillis;
  }

  /** Median time to an acknowledgement, in milliseconds. */
  OptionalDouble ackMillis() {
    return millis(acks, 50);
  }

  /**
   * What this epoch has shown but for what takes other peers to say.
   *
   * @param seconds that it took
   * @param receivers nodes that it may send messages to
   */
  Map<PeerFeature, Double> features(double seconds, Collection<String> receivers, long nowNanos) {
    Map<PeerFeature, Double> found = new EnumMap<>(PeerFeature.class);
    put(found, PeerFeature.ACK_P50, millis(acks, 50));
    put(found, PeerFeature.ACK_P99, millis(acks, 99));
    put(found, PeerFeature.CHALLENGE_P50, millis(challenges, 50));
    put(found, PeerFeature.CHALLENGE_P99, millis(challenges, 99));
    if (sent > 0) {
      found.put(PeerFeature.MISSING_ACKS, rate(lost, sent));
      found.put(PeerFeature.RETRANSMISSIONS, rate(again, sent));
    }
    if (messages > 0) {
      found.put(PeerFeature.DUPLICATES, rate(duplicates, messages));
    }
    if (isWard) {
      wardFeatures(found, seconds, receivers, nowNanos);
    }
    return found;
  }

  private void wardFeatures(
      Map<PeerFeature, Double> found, double seconds, Collection<String> receivers, long nowNanos) {
    found.put(PeerFeature.LOAD, entries / seconds);
    found.put(PeerFeature.GROWTH_RESIDUAL, unmatched / seconds);
    returns.removeIf(at -> nowNanos - at > NANOS_PER_DAY);
    found.put(PeerFeature.RESTARTS, (double) returns.size());
    if (intervals.getTotalCount() > 1 && intervals.getMean() > 0) {
      found.put(PeerFeature.CHECKPOINT_JITTER, intervals.getStdDeviation() / intervals.getMean());
    }
    if (looks > 0) {
      found.put(PeerFeature.OVERDUE_CHECKPOINTS, rate(owing, looks));
    }
    if (transactions > 0) {
      found.put(PeerFeature.REJECTED_TRANSACTIONS, rate(rejected, transactions));
    }
    if (compared > 0) {
      found.put(PeerFeature.DISAGREEMENT, rate(disagreed, compared));
    }
    if (!messagesTo.isEmpty()) {
      found.put(
          PeerFeature.FAN_OUT_IMBALANCE,
          gini(receivers.stream().mapToDouble(to -> messagesTo.getOrDefault(to, 0L)).toArray()));
    }
  }

  private static double rate(long hits, long trials) {
    return PeerFeatures.rate((double) hits, (double) trials);
  }

  private static void put(
      Map<PeerFeature, Double> found, PeerFeature feature, OptionalDouble value) {
    value.ifPresent(known -> found.put(feature, known));
  }

  private static OptionalDouble millis(Histogram times, double percentile) {
    return times.getTotalCount() == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(times.getValueAtPercentile(percentile) / MICROS_PER_MILLI);
  }

  /** Gini coefficient: 0 if all are alike, near 1 if one has everything. */
  static double gini(double... values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    double sum = 0;
    double weighted = 0;
    for (int i = 0; i < sorted.length; i++) {
      sum += sorted[i];
      weighted += (i + 1) * sorted[i];
    }
    return sum == 0
        ? 0
        : 2 * weighted / (sorted.length * sum) - (sorted.length + 1.0) / sorted.length;
  }

  /** The next epoch begins; what outlives epochs stays. */
  void begin() {
    List.of(acks, challenges, intervals).forEach(Histogram::reset);
    messagesTo.clear();
    skewMillis = OptionalDouble.empty();
    sent = 0;
    again = 0;
    lost = 0;
    messages = 0;
    duplicates = 0;
    entries = 0;
    transactions = 0;
    rejected = 0;
    compared = 0;
    disagreed = 0;
    looks = 0;
    owing = 0;
    unmatched = 0;
  }
}
