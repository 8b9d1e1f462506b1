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
      for (String name : List.of("b", RESTORED, "d")) {
        banks.start(name);
      }
      Evidence onTheTable = banks.forkOf(CULPRIT);
      Evidence other = banks.forkOf(CULPRIT, 80_000);
      for (Evidence proof : List.of(onTheTable, other)) {
        banks.node("b").facade().evidence("d", proof.encoded());
        awaitProof(banks, proof);
      }

      banks.stop(RESTORED);
      String lost = onTheTable.fault().toHex().substring(0, 16);
      try (Stream<Path> files = Files.list(banks.data(RESTORED).resolve("evidence"))) {
        for (Path file : files.filter(it -> it.toString().contains(lost)).toList()) {
          Files.delete(file);
        }
      }
      banks.start(RESTORED);

      awaitProof(banks, onTheTable);
    }
  }

  private static void awaitProof(TestBanks banks, Evidence proof) throws InterruptedException {
    assertTrue(
        Polling.LOCAL.await(
            Duration.ofSeconds(30),
            () ->
                banks.node(RESTORED).facade().evidenceFiles().stream()
                    .anyMatch(file -> file.faultId().equals(proof.fault()))),
        () -> RESTORED + " does not know the proof of " + proof.faultId());
  }

  private static void awaitExposed(TestBanks banks, String at) throws InterruptedException {
    assertTrue(
        Polling.LOCAL.await(
            Duration.ofSeconds(30), () -> !banks.node(at).facade().evidenceFiles().isEmpty()),
        () -> at + " does not know the proof");
    assertEquals(CULPRIT, banks.node(at).facade().evidenceFiles().get(0).node());
  }
}
