package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.governance.Action;

/** What a node has logged it knows, whatever has become of the files it keeps decisions in. */
@Timeout(120)
class LostDecisionsTest {
  private static final String ALONE = "a";

  @TempDir Path directory;

  @Test
  void decisionsAreKnownOutOfTheOwnLog() throws Exception {
    try (SeatedBanks seated = new SeatedBanks(directory, ALONE, List.of("a", "b", "c", "d", "e"))) {
      // Nobody else is there to ask.
      seated.banks.start(ALONE);
      seated.decide(new Action.ReassignWitnesses());
      seated.decide(new Action.ReassignWitnesses());
      seated.awaitDecisions(ALONE);
      seated.banks.stop(ALONE);
      try (Stream<Path> files = Files.list(seated.banks.data(ALONE).resolve("governance"))) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      seated.banks.start(ALONE);
      assertEquals(2, seated.loggedEpoch(ALONE));
      assertEquals(
          2, seated.banks.node(ALONE).facade().governance().status().path("epoch").asLong());
      seated.decide(new Action.ReassignWitnesses());
      seated.awaitDecisions(ALONE);
      assertEquals(3, seated.loggedEpoch(ALONE));
    }
  }
}
