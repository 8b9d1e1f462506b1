package org.probity.node.scoring;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.log.AckEntry;
import org.probity.detector.log.Entry;
import org.probity.detector.log.EntryBody;
import org.probity.detector.log.Origin;
import org.probity.detector.log.ReceiveEntry;
import org.probity.detector.log.SendEntry;
import org.probity.detector.log.TickEntry;
import org.probity.detector.log.TransactionEntry;
import org.probity.detector.program.TransactionOutcome;
import org.probity.scoring.PeerFeature;
import org.probity.scoring.PeerFeatures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts what is seen of every other node, and makes one {@link PeerFeatures} of it per node and
 * epoch. docs/scoring.md says where each number comes from.
 *
 * <p>An entry of a ward costs one decoding. Nothing of a payment is kept: of an entry only its
 * type, its receiver, its outcome's status and the ward's clock are looked at. Thread-safe; never
 * throws, because whoever tells it something has work to do that matters.
 */
final class PeerTelemetry implements PeerObserver {
  private static final Logger LOG = LoggerFactory.getLogger(PeerTelemetry.class);

  /** Least time that a spread of acknowledgement times is compared with, in milliseconds. */
  private static final double LEAST_MILLIS = 1;

  private final String self;
  private final Collection<String> nodes;
  private final LongSupplier wallMillis;
  private final LongSupplier nanos;

  // Guarded by this.
  private final Map<String, EpochCounts> peers = new TreeMap<>();
  private final Map<String, WardClock> clocks = new HashMap<>();
  private long beganNanos;

  /** What a ward's own log says of the time that others take to acknowledge its messages. */
  private static final class WardClock {
    private long tickMillis;
    private final Map<String, Long> unacknowledgedSince = new HashMap<>();
    private final Map<String, List<Double>> ackMillis = new TreeMap<>();
  }

  /** Of one ward's log, per peer and epoch. */
  private static final int MAX_SAMPLES = 256;

  /**
   * @param nodes of the consortium
   * @param wallMillis what the clocks of wards are compared with
   * @param nanos the monotonic clock
   */
  PeerTelemetry(
      String self, Collection<String> nodes, LongSupplier wallMillis, LongSupplier nanos) {
    this.self = self;
    this.nodes = List.copyOf(nodes);
    this.wallMillis = wallMillis;
    this.nanos = nanos;
    this.nodes.stream()
        .filter(node -> !node.equals(self))
        .forEach(node -> peers.put(node, new EpochCounts()));
    this.beganNanos = nanos.getAsLong();
  }

  private interface Count {
    void at(EpochCounts counts);
  }

  /** Whoever is no node of the consortium is nobody we count. */
  private void count(String peer, Count count) {
    quietly(
        () -> {
          synchronized (this) {
            EpochCounts counts = peers.get(peer);
            if (counts != null) {
              count.at(counts);
            }
          }
        });
  }

  private static void quietly(Runnable count) {
    try {
      count.run();
    } catch (RuntimeException e) {
      LOG.debug("something was not counted", e);
    }
  }

  @Override
  public void sent(String peer) {
    count(peer, EpochCounts::sent);
  }

  @Override
  public void acknowledged(String peer, long took) {
    count(peer, counts -> counts.acknowledged(took));
  }

  @Override
  public void unacknowledged(String peer) {
    count(peer, EpochCounts::lost);
  }

  @Override
  public void received(String peer, List<Bytes> sends) {
    for (Bytes send : sends) {
      if (bodyOf(send) instanceof SendEntry message) {
        count(
            peer,
            counts -> {
              if (counts.received(message.sequence())) {
                // The peer's own log must have it too.
                counts.unmatched(-1);
              }
            });
      }
    }
  }

  @Override
  public void challengeAnswered(String peer, long took) {
    count(peer, counts -> counts.challengeAnswered(took));
  }

  @Override
  public void compared(String ward, boolean agrees) {
    count(ward, counts -> counts.compared(agrees));
  }

  @Override
  public void returned(String ward) {
    count(ward, counts -> counts.returned(nanos.getAsLong()));
  }

  /** A look at a ward: does it owe entries that it has signed? */
  void looked(String ward, boolean owes) {
    count(ward, counts -> counts.looked(owes));
  }

  @Override
  public void stored(String ward, List<Bytes> entries) {
    quietly(() -> saw(ward, entries));
  }

  private void saw(String ward, List<Bytes> entries) {
    long now = nanos.getAsLong();
    long wall = wallMillis.getAsLong();
    count(ward, counts -> counts.stored(entries.size(), now));
    for (Bytes entry : entries) {
      EntryBody body = bodyOf(entry);
      if (body != null) {
        saw(ward, body, wall);
      }
    }
  }

  private synchronized void saw(String ward, EntryBody body, long wall) {
    EpochCounts counts = peers.get(ward);
    if (counts == null) {
      return;
    }
    WardClock clock = clocks.computeIfAbsent(ward, any -> new WardClock());
    if (body instanceof TickEntry tick) {
      counts.clock((double) tick.millis() - wall);
      clock.tickMillis = tick.millis();
    } else if (body instanceof TransactionEntry transaction) {
      counts.transaction(isRejected(transaction));
    } else if (body instanceof SendEntry send && isNode(send.toNode())) {
      counts.messageTo(send.toNode());
      clock.unacknowledgedSince.putIfAbsent(send.toNode(), clock.tickMillis);
      if (isSeen(send.toNode())) {
        counts.unmatched(1);
      }
    } else if (body instanceof ReceiveEntry receive) {
      EpochCounts sender = peers.get(author(receive.checkpoint()));
      if (sender != null && isWard(author(receive.checkpoint()))) {
        sender.unmatched(-receive.sends().size());
      }
    } else if (body instanceof AckEntry ack && isNode(author(ack.checkpoint()))) {
      acknowledged(clock, author(ack.checkpoint()));
    }
  }

  /** A ward may log any name; what is kept per name is bounded by the consortium. */
  private boolean isNode(String node) {
    return nodes.contains(node);
  }

  private static void acknowledged(WardClock clock, String by) {
    Long since = clock.unacknowledgedSince.remove(by);
    List<Double> samples = clock.ackMillis.computeIfAbsent(by, any -> new ArrayList<>());
    if (since != null && samples.size() < MAX_SAMPLES) {
      samples.add((double) (clock.tickMillis - since));
    }
  }

  /** Whether what a node has received can be seen here. */
  private boolean isSeen(String node) {
    return node.equals(self) || isWard(node);
  }

  private boolean isWard(String node) {
    return clocks.containsKey(node);
  }

  private static boolean isRejected(TransactionEntry transaction) {
    try {
      return TransactionOutcome.decode(transaction.outcome()).status()
          != TransactionOutcome.Status.EXECUTED;
    } catch (DecodeException e) {
      return true;
    }
  }

  private static @Nullable EntryBody bodyOf(Bytes entry) {
    try {
      return Entry.decode(entry).body();
    } catch (DecodeException e) {
      // What is wrong with it the audit says.
      return null;
    }
  }

  /** The node whose checkpoint it is; empty if that cannot be read. */
  private static String author(Bytes checkpoint) {
    byte[] note = checkpoint.unsafeArray();
    int end = 0;
    while (end < note.length && end <= Origin.MAX_BYTES && note[end] != '\n') {
      end++;
    }
    try {
      return Origin.parse(new String(note, 0, end, StandardCharsets.US_ASCII)).node();
    } catch (DecodeException e) {
      return "";
    }
  }

  /**
   * What this epoch has shown, and begins the next.
   *
   * @param openChallenges seconds since the oldest unanswered challenge was put to a node, if one
   *     is open
   */
  synchronized List<PeerFeatures> epoch(Map<String, Double> openChallenges) {
    long now = nanos.getAsLong();
    double seconds = Math.max(1e-3, (now - beganNanos) / 1e9);
    double medianSkew = medianSkew();
    List<PeerFeatures> found = new ArrayList<>();
    peers.forEach(
        (peer, counts) -> {
          List<String> receivers = nodes.stream().filter(node -> !node.equals(peer)).toList();
          Map<PeerFeature, Double> features = counts.features(seconds, receivers, now);
          features.put(PeerFeature.OPEN_CHALLENGE_AGE, openChallenges.getOrDefault(peer, 0.0));
          counts
              .skewMillis()
              .ifPresent(skew -> features.put(PeerFeature.TICK_SKEW, skew - medianSkew));
          selectivity(peer, counts)
              .ifPresent(spread -> features.put(PeerFeature.SELECTIVITY, spread));
          found.add(PeerFeatures.of(peer, features));
        });
    peers.values().forEach(EpochCounts::begin);
    clocks.values().forEach(clock -> clock.ackMillis.clear());
    beganNanos = now;
    return found;
  }

  /** Our own clock is one of those compared. */
  private double medianSkew() {
    double[] skews =
        DoubleStream.concat(
                DoubleStream.of(0),
                peers.values().stream().flatMapToDouble(counts -> counts.skewMillis().stream()))
            .toArray();
    return median(skews);
  }

  /** How unlike the times are that a peer lets us and the wards wait, over their median. */
  private OptionalDouble selectivity(String peer, EpochCounts counts) {
    List<Double> medians = new ArrayList<>();
    counts.ackMillis().ifPresent(medians::add);
    for (WardClock clock : clocks.values()) {
      List<Double> samples = clock.ackMillis.getOrDefault(peer, List.of());
      if (!samples.isEmpty()) {
        medians.add(median(samples.stream().mapToDouble(Double::doubleValue).toArray()));
      }
    }
    if (medians.size() < 2) {
      return OptionalDouble.empty();
    }
    double[] sorted = medians.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    double spread = sorted[sorted.length - 1] - sorted[0];
    return OptionalDouble.of(spread / Math.max(LEAST_MILLIS, median(sorted)));
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }
}
