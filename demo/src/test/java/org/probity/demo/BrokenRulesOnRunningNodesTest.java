package org.probity.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.probity.demo.fault.BrokenRule;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.evidence.Evidence;
import org.probity.detector.evidence.Verification;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.Ballot;
import org.probity.detector.governance.Citations;
import org.probity.detector.governance.Decision;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.GovernanceState;
import org.probity.detector.governance.Parameters;
import org.probity.detector.governance.Proposal;
import org.probity.detector.governance.SignedBallot;
import org.probity.detector.governance.Stance;
import org.probity.ledger.verifier.OfflineVerifier;
import org.probity.node.cli.NodeApi;
import org.probity.node.http.api.Polling;
import org.probity.node.identity.MemberKey;
import org.probity.node.network.NetworkLayout;

/**
 * Every rule of the log, broken once on a real node: every correct node exposes it, by a proof of
 * the right kind and reason that holds before a stranger, and exposes and suspects nobody else.
 *
 * <p>To start a consortium takes longer than to see through a cheat, so several share one and cheat
 * one after the other, each on a node of its own. Who has not cheated yet is correct, and judges;
 * so is the witness that each of them has left when its turn comes.
 */
@Timeout(300)
class BrokenRulesOnRunningNodesTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int MAX_EVIDENCE_BYTES = 64 * 1024;
  private static final long AMOUNT_MINOR = 2;
  private static final int RULES_AT_ONCE = 7;

  /** Who never cheats. */
  private static final int OTHERS = 3;

  @TempDir Path folder;

  static Stream<List<BrokenRule>> runs() {
    List<BrokenRule> all = Arrays.asList(BrokenRule.values());
    return IntStream.iterate(0, at -> at < all.size(), at -> at + RULES_AT_ONCE)
        .mapToObj(at -> all.subList(at, Math.min(all.size(), at + RULES_AT_ONCE)));
  }

  @ParameterizedTest
  @MethodSource("runs")
  void everyCorrectNodeExposesWhoBreaks(List<BrokenRule> rules) throws Exception {
    Map<BrokenRule, String> culprits = new LinkedHashMap<>();
    try (RunningBanks banks =
        new RunningBanks(
            folder,
            rules.size() + OTHERS,
            consortium -> {
              culprits.putAll(culprits(rules, consortium));
              Map<String, RunningBanks.Cheating> cheating = new TreeMap<>();
              culprits.forEach((rule, node) -> cheating.put(node, rule::parts));
              return cheating;
            })) {
      Detection others = new Detection(banks.allBut(new TreeSet<>(culprits.values())));
      NavigableSet<String> guilty = new TreeSet<>();
      for (BrokenRule rule : rules) {
        String culprit = culprits.get(rule);
        guilty.add(culprit);
        SortedMap<String, NodeApi> correct = banks.allBut(guilty);
        Detection detection = new Detection(correct);
        commit(rule, banks, culprit, correct.keySet());
        assertExposed(detection, rule, culprit);
        Bytes file = assertProof(banks, correct.values(), rule, culprit);
        new Measured(
                detection.accusers(Detection.EXPOSED, culprit).values().stream()
                    .mapToDouble(seconds -> seconds)
                    .max()
                    .orElseThrow(),
                file.size())
            .keep(label(rule));
        assertEquals(new TreeSet<>(), detection.falselyAccused(guilty), "after " + rule);
      }
      assertNobodyElse(others, banks, guilty);
    }
  }

  /** Its name in the document. */
  static String label(BrokenRule rule) {
    return rule.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** One node for each rule, such that it has a correct witness when its turn comes. */
  private static Map<BrokenRule, String> culprits(List<BrokenRule> rules, Consortium consortium) {
    Map<BrokenRule, String> culprits = new LinkedHashMap<>();
    NavigableSet<String> correct = new TreeSet<>(consortium.nodes());
    for (BrokenRule rule : rules) {
      String culprit =
          correct.stream()
              .filter(node -> canBe(rule, node, correct, consortium))
              .min(Comparator.comparingLong(node -> wards(node, correct, consortium).size()))
              .orElseThrow(() -> new AssertionError("nobody left can break " + rule));
      correct.remove(culprit);
      culprits.put(rule, culprit);
    }
    return culprits;
  }

  private static boolean canBe(
      BrokenRule rule, String node, Set<String> correct, Consortium consortium) {
    boolean isWatched =
        consortium.witnessesOf(node).stream()
            .anyMatch(witness -> correct.contains(witness) && !witness.equals(node));
    return isWatched
        && (rule != BrokenRule.SEQUENCE_SKIPPED || !wards(node, correct, consortium).isEmpty());
  }

  private static List<String> wards(String node, Set<String> correct, Consortium consortium) {
    return consortium.wardsOf(node).stream().filter(correct::contains).toList();
  }

  /**
   * Has the culprit do it, and sees to what it needs for that.
   *
   * @param correct who may be asked to help
   */
  private static void commit(BrokenRule rule, RunningBanks banks, String node, Set<String> correct)
      throws Exception {
    Consortium consortium = banks.consortium;
    Bank culprit = consortium.bank(node);
    Customers customers = new Customers(consortium, banks.orders);
    switch (rule) {
      case TWO_HISTORIES ->
          culprit
              .trigger()
              .give(
                  consortium.witnessesOf(node).stream()
                      .filter(correct::contains)
                      .findFirst()
                      .orElseThrow());
      case DECISION_WITHOUT_QUORUM -> {
        Decision taken = decision(consortium, banks.folder);
        List<Bytes> tooFew = taken.ballots().subList(0, taken.ballots().size() / 2);
        culprit
            .trigger()
            .give(
                new Decision(taken.epoch(), taken.previous(), taken.round(), taken.action(), tooFew)
                    .encode()
                    .toHex());
      }
      case DECISION_IGNORED, DECISION_NOT_TAKEN ->
          culprit.trigger().give(decision(consortium, banks.folder).encode().toHex());
      case SEQUENCE_SKIPPED -> {
        String ward = wards(node, correct, consortium).get(0);
        culprit.trigger().give(ward);
        pay(customers, consortium.bank(ward), node);
        pay(customers, consortium.bank(ward), node);
      }
      case CREDIT_SENT_TWICE, CREDIT_NOT_SENT, CREDIT_ALTERED -> {
        culprit.trigger().give("");
        pay(customers, culprit, correct.iterator().next());
      }
      default -> culprit.trigger().give("");
    }
  }

  private static void pay(Customers customers, Bank payer, String payee) {
    Customers.Money money = customers.richestAt(payer.node());
    customers.submit(
        payer,
        Customers.remit(
            money.account(), payee, customers.payeeAt(payee), AMOUNT_MINOR, "A PAYMENT"));
  }

  /** What all members could have decided first; they have not. */
  private static Decision decision(Consortium consortium, Path folder) {
    GovernanceState state = DecisionChain.of(consortium.genesis(), SignatureRule.fastest()).state();
    Action action = new Action.SetParameters(shorterHorizon(state.parameters()));
    Stance stance =
        Stance.of(new Proposal(state.epoch(), action).id(consortium.genesis().networkId()));
    NetworkLayout layout = new NetworkLayout(folder);
    List<Bytes> ballots = new ArrayList<>();
    for (String member : state.electorate().members()) {
      Ballot ballot =
          new Ballot(state.epoch(), state.lastDecision(), 0, member, stance, "", Citations.NONE);
      ballots.add(
          SignedBallot.sign(
                  consortium.genesis().networkId(),
                  ballot,
                  MemberKey.load(layout.member(member), Optional.empty()).signer())
              .encoded());
    }
    return new Decision(state.epoch(), state.lastDecision(), 0, action, ballots);
  }

  private static Parameters shorterHorizon(Parameters now) {
    return new Parameters(
        now.faults(),
        now.witnesses(),
        now.cosignatures(),
        now.bootAnswers(),
        now.maxBatchEntries(),
        now.maxBatchBytes(),
        now.chunkEntries(),
        now.horizonMillis() / 2);
  }

  private static void assertExposed(Detection detection, BrokenRule rule, String culprit)
      throws InterruptedException {
    assertTrue(
        Polling.LOCAL.await(
            PATIENCE,
            () -> {
              detection.poll();
              return detection.isUnanimous(Detection.EXPOSED, culprit);
            }),
        () ->
            rule
                + ": only "
                + detection.accusers(Detection.EXPOSED, culprit).keySet()
                + " expose "
                + culprit);
  }

  /** A stranger with the genesis document believes what the correct nodes hold, to the byte. */
  private static Bytes assertProof(
      RunningBanks banks, Collection<NodeApi> correct, BrokenRule rule, String culprit) {
    OfflineVerifier stranger = new OfflineVerifier(banks.consortium.genesis());
    SortedMap<String, Bytes> files = new TreeMap<>();
    for (NodeApi api : correct) {
      for (JsonNode held : api.getJson("/v1/evidence")) {
        String faultId = held.path("faultId").asText();
        Bytes file = Bytes.wrap(api.get("/v1/evidence/" + faultId));
        Evidence evidence =
            assertInstanceOf(Verification.Proven.class, stranger.verify(file)).evidence();
        if (evidence.accused().equals(culprit)) {
          assertEquals(rule.kind(), evidence.faultId().kind(), rule.name());
          assertEquals(rule.code(), evidence.code(), rule.name());
          files.put(faultId, file);
        }
      }
    }
    assertEquals(1, files.size(), () -> rule + ": " + files.keySet());
    Bytes file = files.get(files.firstKey());
    assertTrue(file.size() <= MAX_EVIDENCE_BYTES, () -> rule + ": " + file.size() + " bytes");
    for (int at : new int[] {0, file.size() / 2, file.size() - 1}) {
      byte[] flipped = file.toArray();
      flipped[at] ^= 1;
      assertInstanceOf(Verification.Rejected.class, stranger.verify(Bytes.wrap(flipped)));
    }
    return file;
  }

  /** Also when all audits are through. */
  private static void assertNobodyElse(
      Detection others, RunningBanks banks, NavigableSet<String> guilty) throws Exception {
    SortedMap<String, List<String>> witnesses = new TreeMap<>();
    banks
        .consortium
        .nodes()
        .forEach(node -> witnesses.put(node, banks.consortium.witnessesOf(node)));
    assertEquals(
        new TreeMap<>(),
        new Audits(banks.allBut(guilty), witnesses).await(PATIENCE, Replicas::ownSize));
    others.poll();
    assertEquals(new TreeSet<>(), others.falselyAccused(guilty));
  }
}
