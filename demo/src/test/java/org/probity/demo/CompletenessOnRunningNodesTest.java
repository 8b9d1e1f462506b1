package org.probity.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.probity.demo.fault.BrokenRule;
import org.probity.demo.fault.Cheat;
import org.probity.demo.fault.Secretive;
import org.probity.detector.audit.ConformanceAudit;
import org.probity.detector.audit.Finding;
import org.probity.detector.audit.Proof;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.Replay;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.evidence.EvidenceVerifier;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.NodeRecord;
import org.probity.node.cli.DownloadedLog;
import org.probity.node.cli.LogSource;
import org.probity.node.cli.NodeApi;
import org.probity.node.http.api.Polling;
import org.probity.node.program.Programs;

/**
 * The boundary of completeness (SPEC protocol.md §1), on real nodes: of {@code w = f + 1} witnesses
 * {@code f} collude, and the one that is correct is enough; all of them collude, and the fault
 * stays hidden until somebody else looks.
 */
@Timeout(300)
class CompletenessOnRunningNodesTest {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final long AMOUNT_MINOR = 2;
  private static final int NODES = 6;

  @TempDir Path folder;

  /** Two nodes with one accomplice, who is a witness of both: one lies, one is silent. */
  private record Cast(String accomplice, String liar, String silent) {
    /** The first that leaves each of the two, and every correct node, a correct witness. */
    static Cast of(Consortium consortium) {
      for (String accomplice : consortium.nodes()) {
        List<String> wards = consortium.wardsOf(accomplice);
        for (String liar : wards) {
          for (String silent : wards) {
            Cast cast = new Cast(accomplice, liar, silent);
            if (!liar.equals(silent)
                && consortium.nodes().stream()
                    .noneMatch(node -> cast.all().containsAll(consortium.witnessesOf(node)))) {
              return cast;
            }
          }
        }
      }
      throw new AssertionError("more nodes are needed");
    }

    NavigableSet<String> all() {
      return new TreeSet<>(Set.of(accomplice, liar, silent));
    }

    Map<String, RunningBanks.Cheating> cheating() {
      return Map.of(
          accomplice, Secretive::parts,
          liar, BrokenRule.STATE_ROOT::parts,
          silent, Cheat.SILENCE::parts);
    }
  }

  @Test
  void oneCorrectWitnessIsEnough() throws Exception {
    try (RunningBanks banks =
        new RunningBanks(folder, NODES, consortium -> Cast.of(consortium).cheating())) {
      Cast cast = Cast.of(banks.consortium);
      SortedMap<String, NodeApi> correct = banks.allBut(cast.all());
      banks.consortium.bank(cast.accomplice()).trigger().give("");

      Detection lie = new Detection(correct);
      banks.consortium.bank(cast.liar()).trigger().give("");
      assertUnanimous(lie, Detection.EXPOSED, cast.liar());
      new Measured(
              last(lie, Detection.EXPOSED, cast.liar()),
              evidence(correct.get(correct.firstKey()), cast.liar()).size())
          .keep("one-correct-witness");

      Detection silence = new Detection(correct);
      banks.consortium.bank(cast.silent()).trigger().give("");
      pay(banks, correct.firstKey(), cast.silent());
      assertUnanimous(silence, Detection.SUSPECTED, cast.silent());
      new Measured(last(silence, Detection.SUSPECTED, cast.silent()), 0)
          .keep("silence-with-an-accomplice");
      banks.consortium.bank(cast.silent()).trigger().end();
      assertTrue(
          Polling.LOCAL.await(PATIENCE, () -> silence.isTrustedNow(cast.silent())),
          "it has answered, and somebody does not trust it");

      assertNobodyElse(silence, banks, correct, cast.all());
    }
  }

  /** What is outside of the promise: nobody who would tell has seen it. */
  @Test
  void whenAllWitnessesColludeTheFaultIsHiddenUntilSomebodyElseReadsTheLog() throws Exception {
    try (RunningBanks banks =
        new RunningBanks(folder, NODES, CompletenessOnRunningNodesTest::conspiracy)) {
      String liar = liar(banks.consortium);
      List<String> witnesses = banks.consortium.witnessesOf(liar);
      NavigableSet<String> conspirators = new TreeSet<>(witnesses);
      conspirators.add(liar);
      SortedMap<String, NodeApi> correct = banks.allBut(conspirators);
      for (String conspirator : conspirators) {
        banks.consortium.bank(conspirator).trigger().give("");
      }
      Detection detection = new Detection(correct);
      Bank bank = banks.consortium.bank(liar);
      Customers customers = new Customers(banks.consortium, banks.orders);
      customers.submit(
          bank,
          Customers.remit(
              customers.poorAt(liar),
              correct.firstKey(),
              customers.payeeAt(correct.firstKey()),
              AMOUNT_MINOR,
              "OUT OF NOTHING"));

      // All who could know have looked, and have signed that all is well.
      long size = Replicas.ownSize(bank.api());
      for (String witness : witnesses) {
        assertTrue(
            Polling.LOCAL.await(
                PATIENCE, () -> signedSize(banks.consortium.bank(witness).api(), liar) >= size),
            () -> witness + " does not sign for " + liar);
      }
      assertNobodyElse(detection, banks, correct, conspirators);
      assertFalse(detection.accused(Detection.EXPOSED).contains(liar), "the promise is wider");

      // Its log is public. Who replays it needs nobody's leave, and nobody's word.
      Detection shown = new Detection(correct);
      Bytes proof = replayed(banks.consortium.genesis(), liar, bank.api());
      correct.get(correct.lastKey()).submitEvidence(proof);
      assertUnanimous(shown, Detection.EXPOSED, liar);
      new Measured(last(shown, Detection.EXPOSED, liar), proof.size())
          .keep("all-witnesses-collude");
      assertNobodyElse(shown, banks, correct, conspirators);
    }
  }

  private static Map<String, RunningBanks.Cheating> conspiracy(Consortium consortium) {
    Map<String, RunningBanks.Cheating> cheating = new TreeMap<>();
    String liar = liar(consortium);
    consortium.witnessesOf(liar).forEach(witness -> cheating.put(witness, Secretive::parts));
    cheating.put(liar, Cheat.OVERDRAFT::parts);
    return cheating;
  }

  /** The first such that everybody else has a witness who is not in it. */
  private static String liar(Consortium consortium) {
    return consortium.nodes().stream()
        .filter(
            liar -> {
              NavigableSet<String> all = new TreeSet<>(consortium.witnessesOf(liar));
              all.add(liar);
              return consortium.nodes().stream()
                  .filter(node -> !node.equals(liar))
                  .noneMatch(node -> all.containsAll(consortium.witnessesOf(node)));
            })
        .findFirst()
        .orElseThrow(() -> new AssertionError("more nodes are needed"));
  }

  private static void pay(RunningBanks banks, String payer, String payee) {
    Customers customers = new Customers(banks.consortium, banks.orders);
    customers.submit(
        banks.consortium.bank(payer),
        Customers.remit(
            customers.richestAt(payer).account(),
            payee,
            customers.payeeAt(payee),
            AMOUNT_MINOR,
            "A PAYMENT"));
  }

  private static void assertUnanimous(Detection detection, String verdict, String accused)
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

  private static double last(Detection detection, String verdict, String accused) {
    return detection.accusers(verdict, accused).values().stream()
        .mapToDouble(seconds -> seconds)
        .max()
        .orElseThrow();
  }

  /** The proof against a node; there may be another against its accomplice. */
  private static Bytes evidence(NodeApi api, String accused) {
    for (JsonNode held : api.getJson("/v1/evidence")) {
      if (held.path("node").asText().equals(accused)) {
        return Bytes.wrap(api.get(held.path("path").asText()));
      }
    }
    throw new AssertionError("no proof against " + accused);
  }

  private static long signedSize(NodeApi auditor, String ward) {
    for (JsonNode audits : auditor.getJson("/v1/audits").path("wards")) {
      if (audits.path("node").asText().equals(ward)) {
        return audits.path("own").path("toSize").asLong();
      }
    }
    return 0;
  }

  /** What anybody can do who has the founding document and can reach the node. */
  private static Bytes replayed(Genesis genesis, String node, NodeApi api) throws Exception {
    NodeRecord record = genesis.node(node).orElseThrow();
    DownloadedLog log = DownloadedLog.fetch(LogSource.of(api, "/log"), genesis, Optional.of(node));
    ConformanceAudit audit =
        new ConformanceAudit(new Machine(genesis, record, Programs.of(genesis).orElseThrow()));
    StatementVerifier statements =
        new StatementVerifier(SignatureRule.fastest(), genesis.networkId());
    for (long index = 0; index < log.size() && audit.goesOn(); index++) {
      audit.feed(Replay.prepare(log.entry(index), node, statements));
    }
    Finding finding = audit.finding().orElseThrow();
    EvidenceVerifier verifier = new EvidenceVerifier(genesis, Programs.known());
    return assertInstanceOf(Proof.Proven.class, finding.prove(log.checkpoint(), log, verifier))
        .proof()
        .encoded();
  }

  /** Also when all audits are through. */
  private static void assertNobodyElse(
      Detection detection,
      RunningBanks banks,
      SortedMap<String, NodeApi> correct,
      NavigableSet<String> guilty)
      throws Exception {
    SortedMap<String, List<String>> witnesses = new TreeMap<>();
    correct.keySet().forEach(node -> witnesses.put(node, banks.consortium.witnessesOf(node)));
    assertEquals(
        new TreeMap<>(), new Audits(correct, witnesses).await(PATIENCE, Replicas::ownSize));
    detection.poll();
    assertEquals(new TreeSet<>(), detection.falselyAccused(guilty));
  }
}
