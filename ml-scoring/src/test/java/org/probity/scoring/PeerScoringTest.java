package org.probity.scoring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** scoring.md: inputs, normalisation and the score of a peer. The peers here are made up. */
class PeerScoringTest {
  private static final int PEERS = 12;
  private static final String CULPRIT = "peer5";

  @ParameterizedTest
  @EnumSource(
      value = PeerFeature.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"LOAD"})
  void shouldRankThePeerFirstThatMisbehavesAndSayWhy(PeerFeature cause) {
    SplittableRandom random = new SplittableRandom(1);
    PeerScoring scoring = new PeerScoring();
    run(scoring, random, 100, 1, Map.of());
    scoring.use(scoring.train(7).orElseThrow());
    run(scoring, random, 30, 1, Map.of());

    Map<String, Suspicion> last =
        run(scoring, random, 5, 1, Map.of(cause, 40 * cause.resolution()));

    Suspicion culprit = last.get(CULPRIT);
    String feature = cause.name().toLowerCase(Locale.ROOT);
    assertEquals(feature, culprit.reasons().get(0).feature());
    assertTrue(culprit.score() > 3, culprit.toString());
    last.forEach(
        (peer, suspicion) ->
            assertTrue(
                peer.equals(CULPRIT) || suspicion.score() < culprit.score(),
                peer + " " + suspicion));
  }

  @Test
  void shouldSuspectNobodyForABusyHourOfEverybody() {
    SplittableRandom random = new SplittableRandom(2);
    PeerScoring scoring = new PeerScoring();
    run(scoring, random, 100, 1, Map.of());
    scoring.use(scoring.train(7).orElseThrow());
    run(scoring, random, 30, 1, Map.of());
    double usual = most(run(scoring, random, 5, 1, Map.of()));
    double busy = most(run(scoring, random, 5, 50, Map.of()));

    assertTrue(busy < 2 * Math.max(3, usual), busy + " against " + usual);
  }

  /** Of an idle time nearly all rows are alike; a trifle is a trifle all the same. */
  @Test
  void shouldSuspectNobodyForATrifleAfterAnIdleTime() {
    PeerScoring scoring = new PeerScoring();
    for (int epoch = 0; epoch < 100; epoch++) {
      scoring.epoch(idle(0));
    }
    scoring.use(scoring.train(7).orElseThrow());
    assertEquals(0, most(scoring.epoch(idle(0))), 1e-6);
    double trifle = most(scoring.epoch(idle(PeerFeature.ACK_P50.resolution())));
    assertTrue(trifle < 3, "a score of " + trifle);
    double more = 0;
    for (int epoch = 0; epoch < 5; epoch++) {
      more = most(scoring.epoch(idle(40 * PeerFeature.ACK_P50.resolution())));
    }
    assertTrue(more > 3, "a score of " + more);
  }

  /** One peer takes longer to acknowledge than the others. */
  private static List<PeerFeatures> idle(double more) {
    List<PeerFeatures> measured = new ArrayList<>();
    for (int peer = 0; peer < PEERS; peer++) {
      measured.add(
          PeerFeatures.of("peer" + peer, Map.of(PeerFeature.ACK_P50, 10 + (peer == 0 ? more : 0))));
    }
    return measured;
  }

  @Test
  void shouldSuspectNobodyWithoutAModel() {
    PeerScoring scoring = new PeerScoring();
    Map<String, Suspicion> last =
        run(scoring, new SplittableRandom(3), 3, 1, Map.of(PeerFeature.ACK_P50, 1e9));

    assertTrue(last.values().stream().allMatch(Suspicion.NONE::equals));
    assertTrue(scoring.train(7).isEmpty(), "36 rows");
  }

  @Test
  void shouldStayWithinItsRangeWhateverIsMeasured() {
    SplittableRandom random = new SplittableRandom(4);
    PeerScoring scoring = new PeerScoring();
    run(scoring, random, 100, 1, Map.of());
    scoring.use(scoring.train(7).orElseThrow());
    double[] wild = {
      Double.NaN, Double.POSITIVE_INFINITY, -1e308, 1e308, 0, -0.0, Double.MIN_VALUE
    };
    for (int epoch = 0; epoch < 300; epoch++) {
      List<PeerFeatures> measured = new ArrayList<>();
      for (int peer = 0; peer < 1 + random.nextInt(PEERS); peer++) {
        Map<PeerFeature, Double> values = new EnumMap<>(PeerFeature.class);
        for (PeerFeature feature : PeerFeature.values()) {
          if (random.nextBoolean()) {
            values.put(feature, wild[random.nextInt(wild.length)]);
          }
        }
        measured.add(PeerFeatures.of("peer" + peer, values));
      }
      scoring
          .epoch(measured)
          .values()
          .forEach(
              suspicion ->
                  assertTrue(
                      suspicion.score() >= 0 && suspicion.score() <= Suspicion.MAX,
                      suspicion.toString()));
    }
  }

  @Test
  void shouldNormaliseAgainstThePeers() {
    List<PeerFeatures> epoch = new ArrayList<>();
    for (double millis : new double[] {12, 16, 20, 24, 80}) {
      epoch.add(PeerFeatures.of("at" + millis, Map.of(PeerFeature.ACK_P50, millis)));
    }
    Map<String, double[]> rows = new PeerNormaliser().normalise(epoch);

    // Median 20, MAD 4, resolution 1.
    assertEquals(60 / (1.4826 * 4 + 1), rows.get("at80.0")[0], 1e-12);
    assertEquals(0, rows.get("at20.0")[0]);
    assertEquals(0, rows.get("at80.0")[1], "not measured");
  }

  @Test
  void shouldCompareFewPeersWithTheirOwnPast() {
    PeerNormaliser normaliser = new PeerNormaliser();
    for (int epoch = 0; epoch < PeerNormaliser.MIN_HISTORY_EPOCHS; epoch++) {
      assertEquals(0, rowOfTwo(normaliser, 500)[0]);
    }
    assertEquals(PeerNormaliser.CLIP, rowOfTwo(normaliser, 600)[0]);
    normaliser.forget("a");
    assertEquals(0, rowOfTwo(normaliser, 600)[0]);
  }

  private static double[] rowOfTwo(PeerNormaliser normaliser, double millis) {
    return normaliser
        .normalise(
            List.of(
                PeerFeatures.of("a", Map.of(PeerFeature.ACK_P50, millis)),
                PeerFeatures.of("b", Map.of(PeerFeature.ACK_P50, 10.0))))
        .get("a");
  }

  @Test
  void shouldKeepToTheRanges() {
    for (PeerFeature feature : PeerFeature.values()) {
      assertEquals(
          OptionalDouble.of(feature.max()),
          PeerFeatures.of("a", Map.of(feature, 1e300)).value(feature));
      assertEquals(
          OptionalDouble.empty(), PeerFeatures.of("a", Map.of(feature, Double.NaN)).value(feature));
      assertTrue(feature.resolution() > 0 && feature.min() < feature.max());
    }
    assertEquals(0.5, PeerFeatures.rate(10, 10));
  }

  @Test
  void shouldRefuseAModelOfOtherFeatures() {
    ScoringModel other =
        ScoringModel.train(
            IntStream.range(0, 20).mapToObj(i -> "x" + i).toList(),
            ScoringModelTest.normal(300, 1),
            7);
    assertThrows(IllegalArgumentException.class, () -> new PeerScoring().use(other));
  }

  @Test
  void shouldComputeTheAreaPointByPoint() {
    List<Boolean> labels = List.of(true, false, true, false);
    assertEquals(1, AveragePrecision.of(new double[] {4, 2, 3, 1}, labels));
    assertEquals((0.5 + 0.5) / 2, AveragePrecision.of(new double[] {3, 4, 1, 2}, labels));
    assertEquals(0.5, AveragePrecision.of(new double[] {1, 1, 1, 1}, labels));
  }

  private static Map<String, Suspicion> run(
      PeerScoring scoring,
      SplittableRandom random,
      int epochs,
      double load,
      Map<PeerFeature, Double> offence) {
    Map<String, Suspicion> last = Map.of();
    for (int epoch = 0; epoch < epochs; epoch++) {
      List<PeerFeatures> measured = new ArrayList<>();
      for (int peer = 0; peer < PEERS; peer++) {
        Map<PeerFeature, Double> values = new EnumMap<>(PeerFeature.class);
        for (PeerFeature feature : PeerFeature.values()) {
          double scale = feature == PeerFeature.LOAD ? 100 : 10 * feature.resolution();
          double busy = feature.group() == PeerFeature.Group.LIFECYCLE ? 1 : load;
          values.put(feature, busy * scale + 2 * feature.resolution() * random.nextDouble());
        }
        String name = "peer" + peer;
        if (name.equals(CULPRIT)) {
          offence.forEach((feature, more) -> values.merge(feature, more, Double::sum));
        }
        measured.add(PeerFeatures.of(name, values));
      }
      last = scoring.epoch(measured);
    }
    return last;
  }

  private static double most(Map<String, Suspicion> suspicions) {
    return suspicions.values().stream().mapToDouble(Suspicion::score).max().orElseThrow();
  }
}
