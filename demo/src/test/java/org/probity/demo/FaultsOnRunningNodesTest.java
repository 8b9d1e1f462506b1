package org.probity.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.probity.detector.codec.Bytes;
import org.probity.detector.evidence.Evidence;
import org.probity.detector.evidence.Verification;
import org.probity.ledger.verifier.OfflineVerifier;
import org.probity.node.cli.NodeApi;
import org.probity.node.http.api.Polling;

/**
 * Every fault that one node built otherwise can commit, on real nodes: what each correct node
 * concludes, what the proof is worth to a stranger, and that nobody else is accused.
 */
@Timeout(300)
class FaultsOnRunningNodesTest {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final int MAX_EVIDENCE_BYTES = 64 * 1024;

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(
      value = Fault.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"NONE", "FORK"})
  void everyCorrectNodeReachesTheVerdict(Fault fault) throws Exception {
    try (RunningBanks banks = new RunningBanks(folder, fault)) {
      SortedMap<String, NodeApi> correct = banks.correct();
      banks.culprit.prepare();
      Detection detection = new Detection(correct);
      banks.culprit.misbehave(banks.orders, banks.progress);

      assertEquals(List.of(), banks.culprit.complaints());
      if (fault.expectedVerdict().isPresent()) {
        for (String accused : banks.culprit.all()) {
          assertVerdict(detection, fault.expectedVerdict().get(), accused);
        }
      }
      Collection<Bytes> files = assertProofs(fault, banks);
      keep(fault, detection, banks, files);
      assertNobodyElse(detection, banks);
      assertLoss(banks);
      if (banks.culprit.relent()) {
        String culprit = banks.culprit.node().orElseThrow();
        assertTrue(
            Polling.LOCAL.await(PATIENCE, () -> detection.isTrustedNow(culprit)),
            "it has answered and is not trusted");
      }
    }
  }

  private static void assertVerdict(Detection detection, String verdict, String accused)
      throws InterruptedException {
    assertTrue(
        Polling.LOCAL.await(
            PATIENCE,
            () -> {
              detection.poll();
              return detection.isUnanimous(verdict, accused);
            }),
        () ->
            "only "
                + detection.accusers(verdict, accused).keySet()
                + " say "
                + verdict
                + " of "
                + accused);
  }

  /** A stranger with the genesis document believes what the correct nodes hold, to the byte. */
  private static Collection<Bytes> assertProofs(Fault fault, RunningBanks banks) {
    SortedMap<String, Bytes> files = new TreeMap<>();
    for (NodeApi api : banks.correct().values()) {
      JsonNode held = api.getJson("/v1/evidence");
      if (fault.expectedEvidence().isPresent()) {
        assertTrue(held.size() > 0, "no evidence at " + api.base());
      }
      for (JsonNode file : held) {
        String faultId = file.path("faultId").asText();
        files.put(faultId, Bytes.wrap(api.get("/v1/evidence/" + faultId)));
      }
    }
    NavigableSet<String> kinds = new TreeSet<>();
    for (Bytes file : files.values()) {
      assertTrue(file.size() <= MAX_EVIDENCE_BYTES, "a file of " + file.size() + " bytes");
      Evidence evidence =
          assertInstanceOf(
                  Verification.Proven.class,
                  new OfflineVerifier(banks.consortium.genesis()).verify(file))
              .evidence();
      assertTrue(banks.culprit.all().contains(evidence.accused()), evidence.accused());
      kinds.add(evidence.faultId().kind().name());
      byte[] flipped = file.toArray();
      flipped[flipped.length / 2] ^= 1;
      assertInstanceOf(
          Verification.Rejected.class,
          new OfflineVerifier(banks.consortium.genesis()).verify(Bytes.wrap(flipped)));
    }
    NavigableSet<String> expected = new TreeSet<>();
    fault.expectedEvidence().ifPresent(expected::add);
    if (banks.culprit.accomplice().isPresent()) {
      expected.add("INVALID_TRANSITION");
    }
    assertEquals(expected, kinds);
    return files.values();
  }

  /** For the document, if there was anything to wait for. */
  private static void keep(
      Fault fault, Detection detection, RunningBanks banks, Collection<Bytes> files)
      throws IOException {
    if (fault.expectedVerdict().isPresent()) {
      String verdict = fault.expectedVerdict().get();
      new Measured(
              banks.culprit.all().stream()
                  .flatMap(accused -> detection.accusers(verdict, accused).values().stream())
                  .mapToDouble(seconds -> seconds)
                  .max()
                  .orElseThrow(),
              files.stream().mapToLong(Bytes::size).max().orElse(0))
          .keep(fault.label());
    }
  }

  /** Also when all audits are through. */
  private static void assertNobodyElse(Detection detection, RunningBanks banks) throws Exception {
    SortedMap<String, List<String>> witnesses = new TreeMap<>();
    banks
        .consortium
        .nodes()
        .forEach(node -> witnesses.put(node, banks.consortium.witnessesOf(node)));
    assertEquals(
        new TreeMap<>(), new Audits(banks.correct(), witnesses).await(PATIENCE, Replicas::ownSize));
    detection.poll();
    assertEquals(new TreeSet<>(), detection.falselyAccused(banks.culprit.all()));
  }

  /** Recomputed from the witnesses' copies: exactly what was stolen is missing. */
  private static void assertLoss(RunningBanks banks) throws Exception {
    new Replicas(banks.consortium).await(PATIENCE, banks.correct());
    WitnessedBooks.Result books =
        new WitnessedBooks(banks.consortium.genesis())
            .recompute(banks.correct(), banks.consortium.asset().id());
    Optional<Theft> theft = banks.culprit.theft();
    BigInteger stolen =
        theft.map(one -> BigInteger.valueOf(one.amountMinor())).orElse(BigInteger.ZERO);
    assertEquals(
        stolen,
        theft.map(one -> one.taken(books.state(one.node()), banks.orders)).orElse(BigInteger.ZERO));
    assertEquals(stolen, books.sums().lossMinor());
    assertTrue(books.sums().holds(), () -> "the sums do not add up: " + books.sums());
  }
}
