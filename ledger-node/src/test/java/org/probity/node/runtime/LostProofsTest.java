package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.evidence.Evidence;
import org.probity.node.http.api.Polling;

/**
 * A node that was restored from a backup has forgotten what it was told since. Everybody was told
 * of a proof when it was found; who asks again is told again.
 */
@Timeout(120)
class LostProofsTest {
  private static final String CULPRIT = "a";
  private static final String RESTORED = "c";

  @TempDir Path directory;

  @Test
  void whoHasForgottenAProofIsTold() throws Exception {
    try (TestBanks banks = new TestBanks(directory, 1, 2, CULPRIT, "b", RESTORED, "d")) {
      for (String name : List.of("b", RESTORED, "d")) {
        banks.start(name);
      }
      banks.node("b").facade().evidence("d", banks.forkOf(CULPRIT).encoded());
      for (String name : List.of("b", RESTORED, "d")) {
        awaitExposed(banks, name);
      }

      banks.stop(RESTORED);
      try (Stream<Path> files = Files.list(banks.data(RESTORED).resolve("evidence"))) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      banks.start(RESTORED);

      awaitExposed(banks, RESTORED);
    }
  }

  /**
   * Each takes a record of what it has seen proven only. Were it not shown the others' proofs,
   * members would vote for different records of one culprit for ever.
   */
  @Test
  void whoKnowsAnotherFaultIsShownTheOneToVoteOn() throws Exception {
    try (TestBanks banks = new TestBanks(directory, 1, 2, CULPRIT, "b", RESTORED, "d")) {
      banks.start(RESTORED);
      banks.node(RESTORED).facade().evidence("d", banks.forkOf(CULPRIT, 80_000).encoded());
      awaitExposed(banks, RESTORED);
      banks.stop(RESTORED);

      banks.start("b");
      Evidence other = banks.forkOf(CULPRIT);
      banks.node("b").facade().evidence("d", other.encoded());
      awaitExposed(banks, "b");
      banks.stop("b");

      banks.start("b");
      banks.start(RESTORED);
      assertTrue(
          Polling.LOCAL.await(
              Duration.ofSeconds(30),
              () ->
                  banks.node(RESTORED).facade().evidenceFiles().stream()
                      .anyMatch(file -> file.faultId().equals(other.fault()))),
          "what b wants to be on record has not been shown");
    }
  }

  private static void awaitExposed(TestBanks banks, String at) throws InterruptedException {
    assertTrue(
        Polling.LOCAL.await(
            Duration.ofSeconds(30), () -> !banks.node(at).facade().evidenceFiles().isEmpty()),
        () -> at + " does not know the proof");
    assertEquals(CULPRIT, banks.node(at).facade().evidenceFiles().get(0).node());
  }
}
