package org.probity.detector.commitment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.probity.detector.audit.ConformanceAudit;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.evidence.ByzantineLog;
import org.probity.detector.evidence.Court;
import org.probity.detector.evidence.FaultKind;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.Decision;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Parameters;
import org.probity.detector.governance.Polity;
import org.probity.detector.governance.Seating;
import org.probity.detector.log.DecisionEntry;
import org.probity.detector.log.Entry;
import org.probity.detector.log.SendEntry;
import org.probity.detector.log.TransactionEntry;
import org.probity.detector.log.TreeHead;
import org.probity.detector.node.TestNetwork;
import org.probity.detector.program.SystemRules;
import org.probity.detector.program.TransactionOutcome;
import org.probity.detector.state.WorkingState;

/**
 * SPEC protocol.md §13.4, §5.3: what a DECISION does to a log, and what is proven of whoever lies.
 */
class DecisionEntryTest {
  private static final long NOW = TestNetwork.FOUNDED_MILLIS + 1;

  private final Court court = new Court();
  private final Polity polity = new Polity(court.network());

  private Decision decision(DecisionChain chain, Action action) {
    return polity.unanimous(chain.state(), action);
  }

  private Decision suspendBeta() {
    return decision(polity.chain(), new Action.SuspendNode("beta"));
  }

  /** A log of alpha that has received, sent, and suspended beta. */
  private ByzantineLog afterSuspension(ByzantineLog beta) {
    ByzantineLog alpha = court.log("alpha").tick(NOW);
    alpha.receive(beta.envelope(beta.sends().get(0))).endState();
    alpha.transaction(court.put("alpha", "beta/x=v")).endState();
    return alpha.decide(suspendBeta()).endState();
  }

  private ByzantineLog betaThatSentTwice() {
    ByzantineLog beta = court.log("beta").tick(NOW);
    beta.transaction(court.put("beta", "alpha/1=v")).endState();
    return beta.transaction(court.put("beta", "alpha/2=v")).endState();
  }

  private void assertProven(String code, ByzantineLog log, long from) {
    long last = log.size() - 1;
    court.assertProven(
        court.transition(log, from, last),
        log.machine().self().node(),
        FaultKind.INVALID_TRANSITION,
        code,
        last);
  }

  private static SystemState system(ByzantineLog log) {
    return Machine.system(log.state());
  }

  // What it does.

  @Test
  void anHonestLogWithDecisionsReplaysClean() {
    ByzantineLog beta = betaThatSentTwice();
    ByzantineLog alpha = afterSuspension(beta);
    alpha.transaction(court.put("alpha", "beta/y=v")).endState();
    assertReplaysClean(alpha);
  }

  private void assertReplaysClean(ByzantineLog log) {
    ConformanceAudit audit = new ConformanceAudit(log.machine());
    StatementVerifier statements =
        new StatementVerifier(SignatureRule.fastest(), court.network().genesis().networkId());
    for (long index = 0; index < log.size(); index++) {
      assertEquals(
          Optional.empty(),
          audit.feed(Replay.prepare(log.entry(index), log.machine().self().node(), statements)));
    }
    assertEquals(log.size(), audit.auditedSize());
  }

  @Test
  void nothingIsSentToAStoppedNodeAndReadmissionRestoresIt() {
    ByzantineLog alpha = court.log("alpha").tick(NOW);
    alpha.decide(suspendBeta()).endState();
    alpha.transaction(court.put("alpha", "beta/x=v")).endState();
    assertTrue(alpha.sends().isEmpty());
    DecisionChain chain = polity.decide(polity.chain(), new Action.SuspendNode("beta"));
    alpha.decide(decision(chain, new Action.ReadmitNode("beta", false))).endState();
    alpha.transaction(court.put("alpha", "beta/x=v")).endState();
    assertEquals(1, alpha.sends().size());
  }

  @Test
  void aStoppedNodeExecutesNothingAndReceivesNothing() throws Exception {
    ByzantineLog gamma = court.log("gamma").tick(NOW);
    gamma.transaction(court.put("gamma", "beta/1=v")).endState();
    ByzantineLog beta = court.log("beta").tick(NOW);
    beta.decide(suspendBeta()).endState();
    beta.transaction(court.put("beta", "k=v")).endState();
    TransactionEntry refused = (TransactionEntry) Entry.decode(beta.entry(4)).body();
    assertEquals(
        TransactionOutcome.Status.NODE_STOPPED,
        TransactionOutcome.decode(refused.outcome()).status());
    assertEquals(
        "node_stopped",
        beta.machine()
            .receive(beta.state(), gamma.envelope(gamma.sends().get(0)), beta.size())
            .violation()
            .orElseThrow()
            .code());
  }

  @Test
  void whatWasInFlightIsAcknowledgedUpToTheFinalHead() {
    ByzantineLog beta = court.log("beta").tick(NOW).endState();
    ByzantineLog alpha = court.log("alpha").tick(NOW);
    alpha.transaction(court.put("alpha", "beta/1=v")).endState();
    alpha.transaction(court.put("alpha", "beta/2=v")).endState();
    beta.receive(alpha.envelope(alpha.sends().get(0))).endState();
    TreeHead last = beta.checkpoint().head();
    alpha.decide(suspendBeta()).endState();
    DecisionChain chain = polity.decide(polity.chain(), new Action.SuspendNode("beta"));
    alpha.decide(decision(chain, new Action.RevokeNode("beta", last, List.of()))).endState();
    alpha.acknowledge(beta.ackFor(alpha.machine())).endState();
    assertEquals(1, system(alpha).outgoing(channel("beta")).acked());
    // One more, which beta received after its end.
    beta.receive(alpha.envelope(alpha.sends().get(1))).endState();
    long from = alpha.size() - 1;
    alpha.body(beta.ackFor(alpha.machine()));
    assertProven("ack_beyond_end", alpha, from);
  }

  @Test
  void anotherHeadOfTheSameSizeAcknowledgesNothing() {
    ByzantineLog alpha = court.log("alpha").tick(NOW);
    alpha.transaction(court.put("alpha", "beta/1=v")).endState();
    ByzantineLog beta = court.log("beta").tick(NOW).endState();
    beta.receive(alpha.envelope(alpha.sends().get(0))).endState();
    alpha.decide(suspendBeta()).endState();
    DecisionChain chain = polity.decide(polity.chain(), new Action.SuspendNode("beta"));
    TreeHead other = new TreeHead(beta.size(), Polity.ROOT);
    alpha.decide(decision(chain, new Action.RevokeNode("beta", other, List.of()))).endState();
    long from = alpha.size() - 1;
    alpha.body(beta.ackFor(alpha.machine()));
    assertProven("ack_beyond_end", alpha, from);
  }

  private ChannelId channel(String node) {
    return ChannelId.to(court.network().node(node));
  }

  @Test
  void whatJudgesWithoutStateCannotBeChangedAndNothingBeyondTheCloseIsCarriedOver() {
    Parameters now = court.network().genesis().parameters();
    assertRefused("parameter_fixed", limits(now.maxBatchEntries() - 1, now.maxBatchBytes(), 100));
    assertRefused("parameter_fixed", limits(now.maxBatchEntries(), now.maxBatchBytes() - 1, 100));
    assertRefused(
        "parameter_fixed",
        limits(now.maxBatchEntries(), now.maxBatchBytes(), now.chunkEntries() - 1));
    assertRefused(
        "beyond_unsupported",
        new Action.ApproveIncarnation(
            polity.enrolment(Polity.next(court.network().node("beta")), Polity.signer("m-beta")),
            Polity.HEAD,
            Polity.ROOT,
            NOW,
            List.of(new Action.Beyond(new Action.LogName("gamma", 0), 1, 0))));
    Parameters shorter =
        new Parameters(
            now.faults(),
            now.witnesses(),
            now.cosignatures(),
            now.bootAnswers(),
            now.maxBatchEntries(),
            now.maxBatchBytes(),
            now.chunkEntries(),
            5_000);
    ByzantineLog log = court.log("alpha").tick(NOW);
    log.decide(decision(polity.chain(), new Action.SetParameters(shorter))).endState();
    assertEquals(5_000, system(log).parameters().horizonMillis());
    assertEquals(
        TransactionOutcome.Status.NOT_AFTER_TOO_FAR,
        log.execute(court.put("alpha", "k=v")).status());
  }

  /** Else as they are. */
  private Action limits(int entries, int bytes, int chunk) {
    Parameters now = court.network().genesis().parameters();
    return new Action.SetParameters(
        new Parameters(
            now.faults(),
            now.witnesses(),
            now.cosignatures(),
            now.bootAnswers(),
            entries,
            bytes,
            Math.max(entries, chunk),
            now.horizonMillis()));
  }

  @Test
  void seatsAreDrawnAnewAndByOtherNumbers() {
    ByzantineLog log = court.log("alpha").tick(NOW);
    Action three = new Action.SetParameters(Parameters.of(1, 3));
    log.decide(decision(polity.chain(), three)).endState();
    DecisionChain chain = polity.decide(polity.chain(), three);
    log.decide(decision(chain, new Action.ReassignWitnesses())).endState();
    Seating seating = Seating.of(system(log).governance(polity.chain().genesis().networkId()));
    assertEquals(Seating.of(polity.decide(chain, new Action.ReassignWitnesses()).state()), seating);
    assertEquals(1, seating.rotation());
    assertEquals(3, seating.witnessesOf("beta").size());
    assertEquals(Parameters.of(1, 3).cosignatures(), seating.cosignatures());
    assertReplaysClean(log);
  }

  private void assertRefused(String code, Action action) {
    Machine machine = court.machine("alpha");
    WorkingState state = new WorkingState(machine.initialState());
    DecisionEntry entry = new DecisionEntry(decision(polity.chain(), action).encode());
    assertEquals(code, machine.decide(state, entry).violation().orElseThrow().code());
    assertEquals(machine.initialState().root(), state.root());
  }

  // Who lies about it.

  @Test
  void aDecisionThatWasNotTaken() {
    Decision taken = suspendBeta();
    Decision short1 =
        new Decision(0, taken.previous(), 0, taken.action(), taken.ballots().subList(0, 3));
    Decision late = new Decision(1, taken.previous(), 0, taken.action(), taken.ballots());
    Decision other =
        new Decision(0, taken.previous(), 0, new Action.SuspendNode("gamma"), taken.ballots());
    assertInvalid("ballot_count", short1.encode());
    assertInvalid("wrong_epoch", late.encode());
    assertInvalid("ballot_for_other", other.encode());
    assertInvalid("cbor_unexpected_type", Bytes.utf8("none"));
  }

  private void assertInvalid(String code, Bytes content) {
    ByzantineLog log = court.log("alpha", 1);
    long from = log.size() - 1;
    log.body(new DecisionEntry(content));
    assertProven(code, log, from);
  }

  @Test
  void aDecisionTwice() {
    ByzantineLog log = court.log("alpha", 1).decide(suspendBeta()).endState();
    long from = log.size() - 1;
    log.body(new DecisionEntry(suspendBeta().encode()));
    assertProven("wrong_epoch", log, from);
  }

  @Test
  void aDecisionBesideAnotherInput() {
    ByzantineLog log = court.log("alpha", 1);
    long from = log.size() - 1;
    log.transaction(court.put("alpha", "k=v"));
    log.body(new DecisionEntry(suspendBeta().encode()));
    assertProven("batch_footprint_too_large", log, from);
  }

  @Test
  void aReceiveFromWhomTheLogHasSuspended() {
    ByzantineLog beta = betaThatSentTwice();
    ByzantineLog alpha = afterSuspension(beta);
    long from = alpha.size() - 1;
    alpha.body(beta.envelope(beta.sends().get(1)));
    assertProven("sender_stopped", alpha, from);
  }

  @Test
  void aReceiveOfWhomTheLogHasSuspended() {
    ByzantineLog gamma = court.log("gamma").tick(NOW);
    gamma.transaction(court.put("gamma", "beta/1=v")).endState();
    ByzantineLog beta = court.log("beta").tick(NOW).decide(suspendBeta()).endState();
    long from = beta.size() - 1;
    beta.body(gamma.envelope(gamma.sends().get(0)));
    assertProven("node_stopped", beta, from);
  }

  @Test
  void aDecisionThatIsLoggedAndIgnored() {
    ByzantineLog log = court.log("alpha", 1);
    long from = log.size() - 1;
    log.body(new DecisionEntry(suspendBeta().encode())).endState();
    assertProven("state_root_differs", log, from);
  }

  @Test
  void aMessageToWhomTheLogHasSuspended() {
    ByzantineLog log = court.log("alpha", 1).decide(suspendBeta()).endState();
    long from = log.size() - 1;
    log.transaction(court.put("alpha", "beta/1=v"));
    log.body(new SendEntry("beta", 0, 0, Bytes.utf8("beta/1=v")));
    assertProven("send_unexpected", log, from);
  }

  @Test
  void aDecisionEnforcedThatWasNotTaken() {
    ByzantineLog log = court.log("beta", 1);
    long from = log.size() - 1;
    log.body(
        new TransactionEntry(
            court.put("beta", "k=v").encoded(),
            TransactionOutcome.refused(TransactionOutcome.Status.NODE_STOPPED).encode()));
    assertProven("outcome_differs", log, from);
  }

  @Test
  void aDecisionMayBeAsLargeAsItIs() {
    DecisionEntry entry = new DecisionEntry(suspendBeta().encode());
    assertEquals(SystemRules.MAX_FOOTPRINT_BYTES, court.machine("alpha").footprints().of(entry));
    assertFalse(FootprintRule.isTooLarge(court.machine("alpha").footprints().of(entry)));
    assertEquals(List.of(), polity.chain().decisions());
  }
}
