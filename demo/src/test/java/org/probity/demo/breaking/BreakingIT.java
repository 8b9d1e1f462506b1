package org.probity.demo.breaking;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * SPEC protocol.md §4.6, §11: real nodes are broken again and again, in every way that can be
 * arranged on one machine, and what others hold says that nothing acknowledged is lost, nothing is
 * signed twice and nobody is blamed (docs/breaking.md).
 *
 * <pre>
 * mvn -Pcampaign -pl demo -am verify -Dtest=none -Dit.test='BreakingIT#killedAgainAndAgain' \
 *   -Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false \
 *   -Dprobity.breaking.cycles=500 -Dprobity.breaking.out=$PWD/breaking.jsonl
 * </pre>
 */
class BreakingIT {
  @TempDir Path folder;

  @Test
  @Timeout(900)
  void killed() throws Exception {
    breaks(new Kill(), 2);
  }

  @Test
  @Tag("campaign")
  @Timeout(36_000)
  void killedAgainAndAgain() throws Exception {
    breaks(new Kill(), Campaign.cycles(500));
  }

  @Test
  @Tag("campaign")
  @Timeout(36_000)
  void putBackAgainAndAgain() throws Exception {
    breaks(new StaleRestore(), Campaign.cycles(100));
  }

  @Test
  @Tag("campaign")
  @Timeout(36_000)
  void storeLostAgainAndAgain() throws Exception {
    breaks(new LostStore(), Campaign.cycles(50));
  }

  @Test
  @Tag("campaign")
  @Timeout(36_000)
  void startedTwiceAgainAndAgain() throws Exception {
    breaks(new DoubleStart(), Campaign.cycles(100));
  }

  private void breaks(Way way, int cycles) throws Exception {
    try (Campaign campaign = new Campaign(folder, Mode.RECORDED, Campaign.seed())) {
      assertEquals(List.of(), campaign.run(way, cycles));
    }
  }
}
