package org.probity.demo.breaking;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
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
  /** Deep enough for a payment to be under way, and soon there. */
  private static final int EARLY = 20;

  @TempDir Path folder;

  @Test
  @Timeout(900)
  void killed() throws Exception {
    breaks(1, new Kill());
  }

  @Test
  @Timeout(900)
  void aCallFails() throws Exception {
    try (Campaign campaign = new Campaign(folder, Mode.RECORDED, Campaign.seed())) {
      FailingCall killed = new FailingCall(List.of(FailingCall.Fault.KILLED), EARLY);
      assertEquals(List.of(), campaign.run(killed, 1));
      Way forgotten =
          new FailingCall(List.of(FailingCall.Fault.ERROR), EARLY) {
            @Override
            void lieStill(Scene scene, String victim) throws IOException {
              forgetLatch(scene.folders(victim).values());
            }
          };
      AssertionError found =
          assertThrows(AssertionError.class, () -> campaign.run(forgotten, 1), "signs again");
      assertTrue(found.getMessage().contains("starts with \"\""), found::getMessage);
      FailingCall failed = new FailingCall(List.of(FailingCall.Fault.ERROR), EARLY);
      assertEquals(List.of(), campaign.run(failed, 1));
    }
  }

  /** What a node would be like that did not remember that its disk has failed. */
  private static void forgetLatch(Collection<Path> folders) throws IOException {
    for (Path folder : folders) {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.filter(path -> path.endsWith("latch")).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  @Test
  @Tag("campaign")
  @Timeout(36_000)
  void callsFailAgainAndAgain() throws Exception {
    breaks(
        Campaign.cycles(200),
        new FailingCall(List.of(FailingCall.Fault.values()), FailingCall.DEEPEST));
  }

  @Test
  @Tag("campaign")
  @Timeout(36_000)
  void bitsFlipAgainAndAgain() throws Exception {
    breaks(Campaign.cycles(100), new FlippedBits());
  }

  @Test
  @Tag("campaign")
  @Timeout(36_000)
  void fullAgainAndAgain() throws Exception {
    breaks(Campaign.cycles(20), new FullMap());
  }

  @Test
  @Tag("campaign")
  @Timeout(36_000)
  void killedAgainAndAgain() throws Exception {
    breaks(Campaign.cycles(500), new Kill());
  }

  @Test
  @Tag("campaign")
  @Timeout(36_000)
  void putBackAgainAndAgain() throws Exception {
    breaks(Campaign.cycles(100), new StaleRestore());
  }

  @Test
  @Tag("campaign")
  @Timeout(36_000)
  void storeLostAgainAndAgain() throws Exception {
    breaks(Campaign.cycles(50), new LostStore());
  }

  @Test
  @Tag("campaign")
  @Timeout(36_000)
  void startedTwiceAgainAndAgain() throws Exception {
    breaks(Campaign.cycles(100), new DoubleStart());
  }

  @Test
  @Timeout(900)
  void startedFromACopy() throws Exception {
    breaks(1, new CopiedFolder());
  }

  @Test
  @Tag("campaign")
  @Timeout(36_000)
  void startedFromACopyAgainAndAgain() throws Exception {
    breaks(Campaign.cycles(50), new CopiedFolder());
  }

  private void breaks(int cycles, Way... ways) throws Exception {
    try (Campaign campaign = new Campaign(folder, Mode.RECORDED, Campaign.seed())) {
      for (Way way : ways) {
        assertEquals(List.of(), campaign.run(way, cycles));
      }
    }
  }
}
