package org.probity.simulation.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TallyTest {
  private static SeedResult result(long seed, List<String> violations, SeedResult.Done... faults) {
    return new SeedResult(
        seed,
        "0",
        "0",
        "0",
        seed % 2 == 0,
        violations,
        0,
        List.of("crash", "fork", "fork", "loss", "mint"),
        List.of(faults),
        142,
        1_000,
        10,
        (int) seed,
        2,
        Map.of("shut-out", (int) seed));
  }

  @Test
  void faultsCountByWhatCameOfThem() {
    Tally tally = new Tally();
    tally.add(
        result(
            1,
            List.of(),
            new SeedResult.Done("fork", "n00", "EXPOSED", true, 400, 100, 900),
            new SeedResult.Done("silence", "n01", "EXPOSED_OR_SUSPECTED", true, -1, 16_000, 0)));
    tally.add(
        result(
            2,
            List.of("A1 n02: a proof"),
            new SeedResult.Done("fork", "n00", "EXPOSED", true, 800, -1, 1_100),
            new SeedResult.Done("fork", "n03", "EXPOSED", true, -1, -1, 0)));

    assertEquals(2, tally.seeds());
    assertEquals(1, tally.repeated());
    assertEquals(4, tally.injected());
    assertEquals(4, tally.alone());
    assertEquals(2, tally.exposed());
    assertEquals(1, tally.suspected());
    assertEquals(Set.of(2L), tally.violations().keySet());
    assertEquals(6, tally.pairs());
    assertEquals(284, tally.simulatedSeconds());
    assertEquals(4, tally.suspectedAndCleared());
    assertEquals(Map.of("shut-out", 3L), tally.excused());
    Tally.Row forks = tally.rows().get("fork");
    assertEquals(4, forks.planned());
    assertEquals(3, forks.done());
    assertEquals(2, tally.rows().get("mint").planned());
    assertEquals(0, tally.rows().get("mint").done());
    assertEquals(Set.of("fork", "mint", "silence"), tally.rows().keySet());
    assertEquals(2, forks.exposed());
    assertEquals(800, forks.p95ExposedMillis());
    assertEquals(1_100, forks.medianEvidenceBytes());
    assertEquals(-1, tally.rows().get("silence").medianExposedMillis());
    assertEquals(16_000, tally.rows().get("silence").medianSuspectedMillis());
  }

  /** A node that forks and frames as well is exposed for the fork, and not for the framing. */
  @Test
  void whatBecameOfWhoDidSeveralThingsCountsForNoneOfThem() {
    Tally tally = new Tally();
    tally.add(
        result(
            1,
            List.of(),
            new SeedResult.Done("fork", "n00", "EXPOSED", false, 400, 100, 900),
            new SeedResult.Done("framing-by-mutation", "n00", "UNPROVABLE", false, 400, 100, 900),
            new SeedResult.Done("framing-by-mutation", "n01", "UNPROVABLE", true, -1, -1, 0),
            new SeedResult.Done("silence", "n02", "SUSPECTED", false, -1, 16_000, 0)));

    assertEquals(4, tally.injected());
    assertEquals(1, tally.alone());
    assertEquals(0, tally.exposed());
    assertEquals(0, tally.suspected());
    Tally.Row fork = tally.rows().get("fork");
    assertEquals(1, fork.done());
    assertEquals(0, fork.alone());
    assertEquals(0, fork.exposed());
    assertEquals(-1, fork.medianExposedMillis());
    assertEquals(-1, fork.medianEvidenceBytes());
    Tally.Row framing = tally.rows().get("framing-by-mutation");
    assertEquals(2, framing.done());
    assertEquals(1, framing.alone());
    assertEquals(0, framing.exposed());
    assertEquals(0, tally.rows().get("silence").suspected());
    assertEquals(-1, tally.rows().get("silence").medianSuspectedMillis());
  }

  @Test
  void quantilesAreOfTheValuesThemselves() {
    List<Long> values = List.of(5L, 1L, 4L, 2L, 3L);

    assertEquals(3, Tally.quantile(values, 0.5));
    assertEquals(5, Tally.quantile(values, 0.95));
    assertEquals(1, Tally.quantile(values, 0));
    assertEquals(-1, Tally.quantile(List.of(), 0.5));
  }
}
