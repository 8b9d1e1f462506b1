package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.evidence.ByzantineLog;
import org.probity.detector.evidence.Court;
import org.probity.detector.evidence.Evidence;
import org.probity.detector.log.TreeHead;
import org.probity.detector.trust.Trust;
import org.probity.node.http.EvidenceFile;

/** A culprit can make as many proofs against itself as it likes, and fills nobody's disk. */
class ProofDeskTest {
  @TempDir Path directory;

  private final Court court = new Court();
  private final List<Evidence> told = new ArrayList<>();

  private ProofDesk desk() {
    return new ProofDesk(
        court.verifier(), new EvidenceStore(directory), Clock.systemUTC(), told::add);
  }

  /** A proof that the node has signed two trees of this size. */
  private Bytes fork(ByzantineLog log, long size) {
    Hash wrong = Hash.sha256(Bytes.utf8("another tree of " + size).unsafeArray());
    return court.builder().fork(log.sign(new TreeHead(size, wrong)), log.checkpoint(), log);
  }

  private long kept() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.count();
    }
  }

  @Test
  void keepsSoManyProofsOfOneKindAgainstOneNodeAndNoMore() throws IOException {
    ProofDesk desk = desk();
    ByzantineLog alpha = court.log("alpha", 20);
    for (long size = 1; size <= 3 * Trust.MAX_PROOFS_PER_KIND; size++) {
      assertEquals(Optional.empty(), desk.examine(fork(alpha, size)), "it is a proof all the same");
    }
    assertEquals(Trust.MAX_PROOFS_PER_KIND, kept());
    assertEquals(Trust.MAX_PROOFS_PER_KIND, desk.files().size());
    assertEquals(Trust.MAX_PROOFS_PER_KIND, told.size(), "and nobody is flooded with it");

    // Another culprit's first is not crowded out, and one known already is not one more.
    assertEquals(Optional.empty(), desk.examine(fork(court.log("beta", 3), 1)));
    assertEquals(Optional.empty(), desk.examine(fork(alpha, 1)));
    assertEquals(Trust.MAX_PROOFS_PER_KIND + 1, kept());
    List<String> nodes = desk.files().stream().map(EvidenceFile::node).distinct().toList();
    assertEquals(List.of("alpha", "beta"), nodes);
  }

  @Test
  void theQuotaHoldsAcrossARestart() throws IOException {
    ByzantineLog alpha = court.log("alpha", 20);
    ProofDesk first = desk();
    for (long size = 1; size <= Trust.MAX_PROOFS_PER_KIND; size++) {
      first.examine(fork(alpha, size));
    }
    ProofDesk second = desk();
    for (EvidenceStore.Kept file : new EvidenceStore(directory).read()) {
      assertEquals(Optional.empty(), second.examine(file.bytes(), file.since()));
    }
    second.examine(fork(alpha, Trust.MAX_PROOFS_PER_KIND + 1));
    assertEquals(Trust.MAX_PROOFS_PER_KIND, kept());
  }

  @Test
  void whatProvesNothingIsNotKept() throws IOException {
    assertTrue(desk().examine(Bytes.utf8("no proof")).isPresent());
    assertEquals(0, kept());
    assertEquals(List.of(), told);
  }
}
