package org.probity.node.scoring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.audit.Priority;
import org.probity.node.http.api.Polling;

/** What goes wrong with scores is nobody's loss but the scores': no score is 0. */
@Timeout(60)
class PeerScoresTest {
  private static final String NOTHING = Priority.NONE.toString();

  @TempDir Path folder;
  private volatile boolean broken;
  private volatile boolean unlinked;
  private volatile boolean isHanging;
  private final CountDownLatch hanging = new CountDownLatch(1);
  private final AtomicInteger looks = new AtomicInteger();

  private PeerScores start() {
    PeerScores scores =
        new PeerScores(
            new ScoringSettings(true, Duration.ofMillis(2), 5),
            "a",
            List.of("a", "b", "c", "d", "e", "f"),
            new PeerScores.Looks() {
              @Override
              public Map<String, Boolean> wardsThatOwe() {
                return Map.of("b", false);
              }

              @Override
              public Map<String, Double> openChallengeSeconds() {
                double look = looks.incrementAndGet();
                if (hanging.getCount() > 0 && isHanging) {
                  hang();
                }
                if (broken) {
                  throw new IllegalStateException("planted");
                }
                if (unlinked) {
                  throw new NoClassDefFoundError("planted");
                }
                return Map.of("b", look % 7, "c", look % 3);
              }
            },
            folder,
            task -> {
              Thread thread = new Thread(task, "scoring");
              thread.setDaemon(true);
              return thread;
            });
    scores.start();
    return scores;
  }

  private static void await(BooleanSupplier condition) {
    try {
      assertTrue(Polling.LOCAL.await(Duration.ofSeconds(40), condition), "it has not come to that");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private void hang() {
    try {
      hanging.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void withoutAModelEveryHintIsNothing() {
    broken = true;
    try (PeerScores scores = start()) {
      await(() -> looks.get() > 3);
      assertFalse(scores.status().trained());
      assertEquals(0, scores.status().epochs());
      assertEquals(NOTHING, scores.priority("b").toString());
      assertEquals(NOTHING, scores.priority("stranger").toString());
    }
  }

  @Test
  void aFailureAfterTheModelIsTrainedTakesTheScoresAway() {
    try (PeerScores scores = start()) {
      await(() -> scores.status().trained());
      await(() -> !scores.score("b").equals(PeerScore.NONE));
      broken = true;
      await(() -> scores.score("b").equals(PeerScore.NONE));
      assertEquals(NOTHING, scores.priority("b").toString());
      broken = false;
      await(() -> !scores.score("b").equals(PeerScore.NONE));
    }
  }

  /** What the model's library may throw where its jar or the memory is not what it should be. */
  @Test
  void anErrorTakesTheScoresAwayAndDoesNotEndTheEpochs() {
    try (PeerScores scores = start()) {
      await(() -> scores.status().trained());
      await(() -> !scores.score("b").equals(PeerScore.NONE));
      unlinked = true;
      await(() -> scores.score("b").equals(PeerScore.NONE));
      assertTrue(scores.failures() > 0);
      unlinked = false;
      await(() -> !scores.score("b").equals(PeerScore.NONE));
    }
  }

  @Test
  void scoresThatNobodyRenewsAreNobodys() {
    try (PeerScores scores = start()) {
      await(() -> scores.status().trained());
      await(() -> !scores.score("b").equals(PeerScore.NONE));
      isHanging = true;
      await(() -> scores.score("b").equals(PeerScore.NONE));
      assertEquals(NOTHING, scores.priority("b").toString());
      hanging.countDown();
      await(() -> !scores.score("b").equals(PeerScore.NONE));
    }
  }

  @Test
  void aModelThatIsKeptIsUsedAgainAndADamagedOneIsNot() throws Exception {
    Path model = folder.resolve("model.pb");
    try (PeerScores scores = start()) {
      await(() -> Files.exists(model));
      assertTrue(scores.status().trained());
    }
    broken = true;
    try (PeerScores scores = start()) {
      await(() -> scores.status().trained());
      assertEquals(0, scores.status().rows());
    }
    Files.writeString(model, "a model that somebody else has made");
    looks.set(0);
    try (PeerScores scores = start()) {
      await(() -> looks.get() > 3);
      assertFalse(scores.status().trained());
    }
    assertTrue(Files.exists(model));
  }
}
