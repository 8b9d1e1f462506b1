package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.codec.Bytes;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.Decision;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Parameters;
import org.probity.detector.governance.Polity;
import org.probity.detector.governance.Proposal;
import org.probity.detector.governance.Stance;
import org.probity.node.http.EvidenceFile;
import org.probity.node.http.GovernanceService;
import org.probity.node.http.ProblemException;
import org.probity.node.http.api.Polling;

/** A decision shows by itself that it was taken: a node believes it, and not who brings it. */
@Timeout(120)
class HandedInDecisionsTest {
  private static final String ALONE = "a";
  private static final Action SUSPEND = new Action.SuspendNode("d");
  private static final Action REASSIGN = new Action.ReassignWitnesses();

  @TempDir Path directory;
  private TestBanks banks;
  private Polity polity;
  private DecisionChain none;

  @BeforeEach
  void start() throws Exception {
    banks = new TestBanks(directory, 1, 2, ALONE, "b", "c", "d");
    polity = new Polity(banks.network);
    none = polity.chain();
    banks.start(ALONE);
  }

  @AfterEach
  void stop() {
    banks.close();
  }

  private GovernanceService desk() {
    return banks.node(ALONE).facade().governance();
  }

  private ObjectNode handIn(Bytes content) throws Exception {
    return desk()
        .handIn(content)
        .toCompletionStage()
        .toCompletableFuture()
        .get(20, TimeUnit.SECONDS);
  }

  private String refusal(Bytes content) {
    return refusal(() -> handIn(content));
  }

  private static String refusal(Executable what) {
    ExecutionException failed = assertThrows(ExecutionException.class, what);
    ProblemException problem = assertInstanceOf(ProblemException.class, failed.getCause());
    assertEquals(422, problem.problem().status());
    return problem.problem().code();
  }

  private long epoch() {
    return desk().status().path("epoch").asLong();
  }

  private static Bytes last(DecisionChain chain) {
    return chain.decisions().get(chain.decisions().size() - 1).encoded();
  }

  @Test
  void whatWasDecidedElsewhereIsLoggedHere() throws Exception {
    DecisionChain chain = polity.decide(none, SUSPEND);

    ObjectNode taken = handIn(last(chain));

    assertEquals(chain.decisions().get(0).id().toHex(), taken.path("id").asText());
    assertEquals(false, taken.path("known").asBoolean());
    assertEquals(1, epoch());
    assertTrue(
        Polling.LOCAL.await(
            Duration.ofSeconds(20), () -> desk().status().path("loggedEpoch").asLong() == 1));
    assertEquals(true, handIn(last(chain)).path("known").asBoolean());
    // Other ballots for the same: it is the same decision.
    assertEquals(
        true, handIn(polity.confirmed(none.state(), SUSPEND).encode()).path("known").asBoolean());
    banks.stop(ALONE);
    banks.start(ALONE);
    assertEquals(1, epoch());
  }

  @Test
  void theEarlierOnesComeFirst() throws Exception {
    DecisionChain one = polity.decide(none, SUSPEND);
    DecisionChain two = polity.decide(one, REASSIGN);

    assertEquals("epoch_ahead", refusal(last(two)));
    assertEquals(0, epoch());
    handIn(last(one));
    handIn(last(two));
    assertEquals(2, epoch());
  }

  @Test
  void whatIsNoDecisionIsRefusedWithTheRule() {
    Decision decision = polity.unanimous(none.state(), SUSPEND);
    List<Bytes> ballots = decision.ballots();
    byte[] forged = ballots.get(0).toArray();
    forged[forged.length - 1] ^= 1;

    assertEquals("cbor_truncated", refusal(Bytes.EMPTY));
    assertEquals("decision_too_large", refusal(Bytes.wrap(new byte[Decision.MAX_BYTES + 1])));
    assertEquals("ballot_count", refusal(with(decision, ballots.subList(1, 4))));
    assertEquals(
        "statement_bad_signature",
        refusal(
            with(
                decision,
                List.of(Bytes.wrap(forged), ballots.get(1), ballots.get(2), ballots.get(3)))));
    assertEquals(
        "parameter_fixed", refusal(polity.unanimous(none.state(), otherBatches()).encode()));
    assertEquals(0, epoch());
  }

  private static Bytes with(Decision decision, List<Bytes> ballots) {
    return new Decision(
            decision.epoch(), decision.previous(), decision.round(), decision.action(), ballots)
        .encode();
  }

  private Action otherBatches() {
    Parameters now = none.state().parameters();
    return new Action.SetParameters(
        new Parameters(
            now.faults(),
            now.witnesses(),
            now.cosignatures(),
            now.bootAnswers(),
            now.maxBatchEntries() - 1,
            now.maxBatchBytes(),
            now.chunkEntries(),
            now.horizonMillis()));
  }

  /** What was taken stays, and who has voted for both is guilty. */
  @Test
  void anotherDecisionOfTheSameEpochIsASplit() throws Exception {
    handIn(last(polity.decide(none, SUSPEND)));

    // None, so that it splits nothing.
    Decision other = polity.unanimous(none.state(), REASSIGN);
    assertEquals("ballot_count", refusal(with(other, other.ballots().subList(1, 4))));
    assertEquals(Set.of(), doubleVoters());
    assertEquals("governance_split", refusal(other.encode()));

    assertEquals(Set.of("m-a", "m-b", "m-c", "m-d"), doubleVoters());
    assertEquals(1, epoch());
    assertEquals("node.suspend", desk().decisions(0, 1).get(0).path("action").asText());
  }

  /** A member tells each node another ballot, and the decision comes before these meet. */
  @Test
  void whoHasSaidSomethingElseHereThanCountedElsewhereIsProvenGuilty() throws Exception {
    vote("m-a", REASSIGN);
    assertEquals(Set.of(), doubleVoters());

    handIn(last(polity.decide(none, SUSPEND)));

    assertEquals(Set.of("m-a"), doubleVoters());
  }

  /** The same, and what it has said here comes after the decision. */
  @Test
  void whoSaysSomethingElseAfterTheDecisionIsProvenGuilty() throws Exception {
    handIn(last(polity.decide(none, SUSPEND)));
    assertEquals("wrong_epoch", refusal(() -> vote("m-b", SUSPEND)));
    assertEquals(Set.of(), doubleVoters());

    assertEquals("wrong_epoch", refusal(() -> vote("m-a", REASSIGN)));

    assertEquals(Set.of("m-a"), doubleVoters());
  }

  private void vote(String member, Action choice) throws Exception {
    Stance stance = Stance.of(new Proposal(0, choice).id(none.genesis().networkId()));
    desk()
        .vote(polity.sign(Polity.first(none.state(), member, stance)).encoded())
        .toCompletionStage()
        .toCompletableFuture()
        .get(20, TimeUnit.SECONDS);
  }

  private Set<String> doubleVoters() {
    return banks.node(ALONE).facade().evidenceFiles().stream()
        .filter(file -> file.kind().equals("DOUBLE_BALLOT"))
        .map(EvidenceFile::member)
        .collect(Collectors.toSet());
  }
}
