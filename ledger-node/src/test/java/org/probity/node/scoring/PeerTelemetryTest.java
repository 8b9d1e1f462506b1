package org.probity.node.scoring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.evidence.ByzantineLog;
import org.probity.detector.evidence.Court;
import org.probity.detector.log.SendEntry;
import org.probity.detector.node.TestNetwork;
import org.probity.scoring.PeerFeature;
import org.probity.scoring.PeerFeatures;

/** docs/scoring.md, feature by feature: what is measured, and that the rest is absent, not zero. */
class PeerTelemetryTest {
  private static final long MILLI = 1_000_000;
  private static final String SELF = "alpha";

  private final Court court = new Court();
  private long nowMillis = TestNetwork.FOUNDED_MILLIS;
  private final PeerTelemetry telemetry =
      new PeerTelemetry(
          SELF,
          List.of("alpha", "beta", "gamma", "delta"),
          () -> nowMillis,
          () -> nowMillis * MILLI);

  private Map<String, PeerFeatures> epoch() {
    return epoch(Map.of());
  }

  /** Ends an epoch of ten seconds. */
  private Map<String, PeerFeatures> epoch(Map<String, Double> openChallenges) {
    nowMillis += 10_000;
    Map<String, PeerFeatures> byPeer = new TreeMap<>();
    telemetry.epoch(openChallenges).forEach(peer -> byPeer.put(peer.peer(), peer));
    return byPeer;
  }

  private static double value(PeerFeatures of, PeerFeature feature) {
    return of.value(feature).orElseThrow(() -> new AssertionError(feature + " is absent"));
  }

  @Test
  void whatWasNeverTriedIsAbsent() {
    telemetry.acknowledged("stranger", 5 * MILLI);
    Map<String, PeerFeatures> peers = epoch();

    assertEquals(List.of("beta", "delta", "gamma"), List.copyOf(peers.keySet()));
    for (PeerFeature feature : PeerFeature.values()) {
      OptionalDouble expected =
          feature == PeerFeature.OPEN_CHALLENGE_AGE ? OptionalDouble.of(0) : OptionalDouble.empty();
      assertEquals(expected, peers.get("beta").value(feature), () -> feature + "");
    }
  }

  @Test
  void acknowledgementsAndTheirAbsence() {
    for (int i = 1; i <= 100; i++) {
      telemetry.sent("beta");
      telemetry.acknowledged("beta", (i == 100 ? 500 : 20) * MILLI);
    }
    telemetry.sent("gamma");
    telemetry.unacknowledged("gamma");
    telemetry.sent("gamma");
    telemetry.unacknowledged("gamma");
    telemetry.sent("gamma");
    telemetry.acknowledged("gamma", 20 * MILLI);
    Map<String, PeerFeatures> peers = epoch();

    assertEquals(20, value(peers.get("beta"), PeerFeature.ACK_P50), 0.5);
    assertEquals(20, value(peers.get("beta"), PeerFeature.ACK_P99), 0.5);
    assertEquals(0, value(peers.get("beta"), PeerFeature.MISSING_ACKS));
    assertEquals(0, value(peers.get("beta"), PeerFeature.RETRANSMISSIONS));
    assertEquals(PeerFeatures.rate(2, 3), value(peers.get("gamma"), PeerFeature.MISSING_ACKS));
    assertEquals(PeerFeatures.rate(2, 3), value(peers.get("gamma"), PeerFeature.RETRANSMISSIONS));
    assertTrue(epoch().get("beta").value(PeerFeature.ACK_P50).isEmpty(), "a new epoch");
  }

  @Test
  void challengesAnsweredAndOpen() {
    telemetry.challengeAnswered("beta", 700 * MILLI);
    Map<String, PeerFeatures> peers = epoch(Map.of("gamma", 33.5));

    assertEquals(700, value(peers.get("beta"), PeerFeature.CHALLENGE_P50), 7);
    assertEquals(33.5, value(peers.get("gamma"), PeerFeature.OPEN_CHALLENGE_AGE));
    assertEquals(0, value(peers.get("beta"), PeerFeature.OPEN_CHALLENGE_AGE));
  }

  @Test
  void messagesThatHaveComeBefore() {
    ByzantineLog log = court.log("beta");
    for (int i = 0; i < 3; i++) {
      log.body(new SendEntry(SELF, 0, i, Bytes.utf8("m")));
    }
    List<Bytes> sends = log.sends().stream().map(log::entry).toList();
    telemetry.received("beta", sends);
    telemetry.received("beta", sends.subList(2, 3));
    telemetry.received("beta", List.of(Bytes.utf8("junk")));

    assertEquals(PeerFeatures.rate(1, 4), value(epoch().get("beta"), PeerFeature.DUPLICATES));
  }

  @Test
  void whatAWardSaysItHasSentAndNobodyHas() {
    ByzantineLog log = court.log("beta");
    for (int i = 0; i < 40; i++) {
      log.body(new SendEntry(SELF, 0, i, Bytes.utf8("m")));
    }
    // What gamma does with its messages cannot be seen here.
    log.body(new SendEntry("gamma", 0, 0, Bytes.utf8("m")));
    // Nor is there a node of this name.
    log.body(new SendEntry("mallory", 0, 0, Bytes.utf8("m")));
    telemetry.stored("beta", entries(log, 0));
    telemetry.received("beta", log.sends().subList(0, 10).stream().map(log::entry).toList());
    PeerFeatures beta = epoch().get("beta");

    assertEquals(3, value(beta, PeerFeature.GROWTH_RESIDUAL), 1e-6);
    assertEquals(4.3, value(beta, PeerFeature.LOAD), 1e-6);
    // 40 to one of three, 1 to another, none to the third.
    assertEquals(EpochCounts.gini(0, 1, 40), value(beta, PeerFeature.FAN_OUT_IMBALANCE), 1e-9);
  }

  @Test
  void giniIsZeroForEqualsAndLargeForOneWhoHasAll() {
    assertEquals(0, EpochCounts.gini(5, 5, 5), 1e-9);
    assertEquals(2.0 / 3, EpochCounts.gini(0, 0, 9), 1e-9);
    assertEquals(0, EpochCounts.gini(0, 0, 0));
  }

  @Test
  void clocksAgainstTheMedianOfAllThatAreSeen() {
    for (String ward : List.of("beta", "gamma")) {
      // gamma's clock is a minute ahead.
      long ahead = ward.equals("gamma") ? 60_000 : 0;
      ByzantineLog log = court.log(ward).tick(nowMillis + ahead).endState();
      telemetry.stored(ward, entries(log, 0));
    }
    Map<String, PeerFeatures> peers = epoch();

    assertEquals(60_000, value(peers.get("gamma"), PeerFeature.TICK_SKEW));
    assertEquals(0, value(peers.get("beta"), PeerFeature.TICK_SKEW));
  }

  @Test
  void transactionsThatWereNotExecuted() {
    ByzantineLog log = court.log("beta").tick(nowMillis);
    log.transaction(court.put("beta", "k=v"));
    log.transaction(court.refused("beta", Bytes.utf8("k=v")));
    log.endState();
    telemetry.stored("beta", entries(log, 0));

    assertEquals(
        PeerFeatures.rate(1, 2), value(epoch().get("beta"), PeerFeature.REJECTED_TRANSACTIONS));
  }

  @Test
  void checkpointsThatComeUnevenlyOrNotAtAll() {
    ByzantineLog log = court.log("beta");
    for (long pause : new long[] {1_000, 1_000, 1_000, 1_000}) {
      telemetry.stored("beta", entries(log, 0));
      telemetry.stored("gamma", List.of(Bytes.utf8("junk")));
      nowMillis += pause;
      if (nowMillis % 3_000 == 0) {
        nowMillis += 7_000;
      }
    }
    telemetry.looked("beta", false);
    telemetry.looked("gamma", true);
    Map<String, PeerFeatures> peers = epoch();

    assertTrue(peers.get("beta").value(PeerFeature.CHECKPOINT_JITTER).isPresent());
    assertEquals(0, value(peers.get("beta"), PeerFeature.OVERDUE_CHECKPOINTS));
    assertEquals(
        PeerFeatures.rate(1, 1), value(peers.get("gamma"), PeerFeature.OVERDUE_CHECKPOINTS));
  }

  @Test
  void whoIsAheadOfWhatItShowsUsAndWhoComesBack() {
    telemetry.stored("beta", entries(court.log("beta"), 0));
    telemetry.compared("beta", true);
    telemetry.compared("beta", false);
    telemetry.returned("beta");
    telemetry.returned("beta");
    PeerFeatures beta = epoch().get("beta");

    assertEquals(PeerFeatures.rate(1, 2), value(beta, PeerFeature.DISAGREEMENT));
    assertEquals(2, value(beta, PeerFeature.RESTARTS));
    assertEquals(0, value(beta, PeerFeature.LOAD) - 0.1, 1e-9);
    nowMillis += 86_400_000;
    assertEquals(0, value(epoch().get("beta"), PeerFeature.RESTARTS), "a day later");
    assertFalse(epoch().get("beta").value(PeerFeature.DISAGREEMENT).isPresent());
  }

  /** Whoever tells it something has work to do that matters. */
  @Test
  void aFailureStaysHere() {
    PeerTelemetry broken =
        new PeerTelemetry(
            SELF,
            List.of("alpha", "beta"),
            () -> {
              throw new IllegalStateException("planted");
            },
            () -> 1);
    broken.stored("beta", entries(court.log("beta"), 0));
    broken.received("beta", List.of(Bytes.EMPTY));
    assertEquals(1, broken.epoch(Map.of()).size());
  }

  private static List<Bytes> entries(ByzantineLog log, long from) {
    List<Bytes> entries = new ArrayList<>();
    for (long index = from; index < log.size(); index++) {
      entries.add(log.entry(index));
    }
    return entries;
  }
}
