package org.probity.detector.commitment;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.probity.detector.audit.ConformanceAudit;
import org.probity.detector.audit.EmbeddedCheckpoints;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.evidence.ByzantineLog;
import org.probity.detector.evidence.Court;
import org.probity.detector.evidence.FaultKind;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Incarnations;
import org.probity.detector.governance.Polity;
import org.probity.detector.log.Entry;
import org.probity.detector.log.EntryFault;
import org.probity.detector.log.EntryRules;
import org.probity.detector.log.ReceiveEntry;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.TreeHead;
import org.probity.detector.node.TestNetwork;

/** SPEC protocol.md §13.4: messages to a revoked node that are absent from its final log return. */
class ReturnRuleTest {
  private static final long NOW = TestNetwork.FOUNDED_MILLIS + 1;

  private final Court court = new Court();
  private final Polity polity = new Polity(court.network());

  /** A log of alpha that has sent three messages to beta, of which beta took in the first. */
  private ByzantineLog alpha() {
    ByzantineLog alpha = court.log("alpha").tick(NOW);
    for (int i = 0; i < 3; i++) {
      alpha.transaction(court.put("alpha", "beta/" + i + "=v"));
    }
    return alpha.endState();
  }

  private DecisionChain suspended() {
    return polity.decide(polity.chain(), new Action.SuspendNode("beta"));
  }

  private ByzantineLog suspend(ByzantineLog log) {
    return log.decide(polity.unanimous(polity.chain().state(), new Action.SuspendNode("beta")))
        .endState();
  }

  private ByzantineLog revoke(ByzantineLog log, Action.RevokeNode revocation) {
    return log.decide(polity.unanimous(suspended().state(), revocation)).endState();
  }

  private static Action.RevokeNode taken(long count) {
    return new Action.RevokeNode(
        "beta",
        Polity.HEAD,
        count == 0 ? List.of() : List.of(new Action.Taken(new Action.LogName("alpha", 0), count)));
  }

  private static ReceiveEntry returned(ByzantineLog log, int from, int to) {
    return log.envelope(
        log.sends().subList(from, to).stream().mapToLong(Long::longValue).toArray());
  }

  private String object(ByzantineLog log, String key) {
    Bytes value = Machine.application(log.state().tree()).get(Bytes.utf8(key));
    return value == null ? "absent" : new String(value.toArray(), StandardCharsets.UTF_8);
  }

  private SystemState.Outgoing outgoing(ByzantineLog log) {
    return Machine.system(log.state()).outgoing(ChannelId.to(court.network().node("beta")));
  }

  private void assertReplaysClean(ByzantineLog log) {
    StatementVerifier statements =
        new StatementVerifier(SignatureRule.fastest(), court.network().genesis().networkId());
    ConformanceAudit audit = new ConformanceAudit(log.machine());
    for (long index = 0; index < log.size(); index++) {
      assertEquals(
          Optional.empty(), audit.feed(Replay.prepare(log.entry(index), "alpha", statements)));
    }
    assertEquals(log.size(), audit.auditedSize());
  }

  @Test
  void whatTheFinalLogTookInStaysAndTheRestReturns() {
    ByzantineLog alpha = revoke(suspend(alpha()), taken(1));
    alpha.receive(returned(alpha, 0, 2)).receive(returned(alpha, 2, 3)).endState();
    assertEquals("taken", object(alpha, "returned by beta beta/0"));
    assertEquals("never arrived", object(alpha, "returned by beta beta/1"));
    assertEquals("never arrived", object(alpha, "returned by beta beta/2"));
    assertEquals(new SystemState.Outgoing(3, 3), outgoing(alpha));
    assertReplaysClean(alpha);
  }

  @Test
  void whatWasAcknowledgedDoesNotReturnWhateverTheRevocationSays() {
    ByzantineLog beta = court.log("beta").tick(NOW).endState();
    ByzantineLog alpha = alpha();
    beta.receive(returned(alpha, 0, 1)).endState();
    alpha.acknowledge(beta.ackFor(alpha.machine())).endState();
    revoke(suspend(alpha), taken(0));
    assertProven("return_unexpected", alpha, returned(alpha, 0, 3));
  }

  @Test
  void everybodyWhoHoldsTheLogGetsTheSameRevocation() {
    ByzantineLog alpha = alpha();
    ByzantineLog beta = court.log("beta").tick(NOW).endState();
    beta.receive(returned(alpha, 0, 1)).receive(returned(alpha, 1, 2)).endState();
    // What does not go on where the channel stands, or was never signed for, counts for nothing.
    beta.body(returned(alpha, 0, 1)).endBatch();
    ByzantineLog forger =
        new ByzantineLog(court.machine("alpha"), TestNetwork.signer("nobody")).genesis();
    forger.tick(NOW);
    for (int i = 0; i < 3; i++) {
      forger.transaction(court.put("alpha", "beta/" + i + "=v"));
    }
    beta.body(returned(forger.endState(), 2, 3)).endBatch();
    beta.raw(Bytes.utf8("no entry"));
    assertEquals(
        new Action.RevokeNode(
            "beta",
            new TreeHead(beta.size(), beta.checkpoint().head().root()),
            List.of(new Action.Taken(new Action.LogName("alpha", 0), 2))),
        FinalLog.revocation(
            new Polity(court.network()).chain(),
            Incarnations.founding(court.network().node("beta")),
            beta));
  }

  // Who lies about it.

  private void assertProven(String code, ByzantineLog log, ReceiveEntry returned) {
    long from = log.size() - 1;
    log.body(returned);
    court.assertProven(
        court.transition(log, from, from + 1),
        "alpha",
        FaultKind.INVALID_TRANSITION,
        code,
        from + 1);
  }

  @Test
  void nothingReturnsFromWhoIsOnlySuspended() {
    ByzantineLog alpha = suspend(alpha());
    assertProven("receiver_not_revoked", alpha, returned(alpha, 0, 1));
  }

  @Test
  void nothingReturnsFromWhoIsActive() {
    ByzantineLog alpha = alpha();
    assertProven("receiver_not_revoked", alpha, returned(alpha, 0, 3));
  }

  @Test
  void nothingReturnsTwice() {
    ByzantineLog alpha = revoke(suspend(alpha()), taken(0));
    alpha.receive(returned(alpha, 0, 2)).endState();
    assertProven("return_unexpected", alpha, returned(alpha, 0, 3));
  }

  /** As many as one envelope has: what an entry costs its auditors has a bound. */
  @Test
  void noMoreReturnAtOnceThanAreSentAtOnce() {
    for (int count : List.of(OpenMessages.MAX_SENDS, OpenMessages.MAX_SENDS + 1)) {
      ByzantineLog alpha = court.log("alpha").tick(NOW);
      for (int i = 0; i < count; i++) {
        alpha.transaction(court.put("alpha", "beta/" + i + "=1")).endState();
      }
      revoke(suspend(alpha), taken(0));
      ReceiveEntry all = returned(alpha, 0, count);
      if (count > OpenMessages.MAX_SENDS) {
        assertProven("return_unexpected", alpha, all);
      } else {
        alpha.receive(all).endState();
      }
    }
  }

  @Test
  void nothingIsLeftOut() {
    ByzantineLog alpha = revoke(suspend(alpha()), taken(1));
    assertProven("return_unexpected", alpha, returned(alpha, 1, 3));
  }

  @Test
  void nothingReturnsThatIsNotWhereTheLogHasIt() {
    ByzantineLog other = court.log("alpha", 1).tick(NOW);
    for (int i = 0; i < 3; i++) {
      other.transaction(court.put("alpha", "beta/" + i + "=forged"));
    }
    other.endState();
    ByzantineLog alpha = revoke(suspend(alpha()), taken(0));
    assertProven("return_unexpected", alpha, returned(other, 0, 3));
  }

  @Test
  void aReturnUnderSomebodyElsesSignature() {
    ByzantineLog alpha = revoke(suspend(alpha()), taken(0));
    ReceiveEntry honest = returned(alpha, 0, 1);
    ByzantineLog forger = new ByzantineLog(alpha.machine(), TestNetwork.signer("nobody"));
    SignedCheckpoint forged = forger.sign(alpha.checkpoint().head());
    assertProven(
        "checkpoint_unknown",
        alpha,
        new ReceiveEntry(forged.bytes(), honest.sends(), honest.multiproof()));
  }

  /** Who returns to itself what it never sent signs a tree that is not its log's. */
  @Test
  void aReturnOutOfATreeThatIsNotTheLogs() {
    ByzantineLog other = court.log("alpha").tick(NOW);
    for (int i = 0; i < 3; i++) {
      other.transaction(court.put("alpha", "beta/" + i + "=more"));
    }
    other.endState();
    ByzantineLog alpha = revoke(suspend(alpha()), taken(0));
    alpha.body(returned(other, 0, 3)).endState();
    VerifiedCheckpoint shown =
        EmbeddedCheckpoints.in(
                alpha.entry(alpha.size() - 2),
                CheckpointVerifier.founding(court.network().genesis()))
            .orElseThrow();
    court.assertProven(
        court.builder().fork(shown.signed(), alpha.checkpoint(), alpha),
        "alpha",
        FaultKind.FORK,
        "fork",
        shown.size());
  }

  /** It is a fault at once, not only when somebody holds both trees. */
  @Test
  void aReturnOfOtherPayloadsAtTheSamePlaces() {
    ByzantineLog other = court.log("alpha").tick(NOW);
    for (int i = 0; i < 3; i++) {
      other.transaction(court.put("alpha", "beta/" + i + "=more"));
    }
    other.endState();
    ByzantineLog alpha = revoke(suspend(alpha()), taken(0));
    assertEquals(alpha.sends(), other.sends());
    assertProven("return_unexpected", alpha, returned(other, 0, 3));
  }

  /** Whoever replays a culprit's log gets a verdict, whatever is in it. */
  @Test
  void aReturnOfNothingOrOfWhatIsNoMessageIsAVerdict() {
    ByzantineLog alpha = revoke(suspend(alpha()), taken(0));
    ReceiveEntry honest = returned(alpha, 0, 1);
    for (List<Bytes> sends :
        List.of(List.<Bytes>of(), List.of(alpha.entry(1)), List.of(Bytes.utf8("junk")))) {
      ReceiveEntry body = new ReceiveEntry(honest.checkpoint(), sends, honest.multiproof());
      assertEquals(
          "return_malformed",
          alpha
              .machine()
              .receive(alpha.state(), body, alpha.size())
              .violation()
              .orElseThrow()
              .code());
    }
  }

  @Test
  void aReturnIsToOneOtherNode() {
    ByzantineLog alpha = court.log("alpha").tick(NOW);
    alpha.transaction(court.put("alpha", "beta/0=v"));
    alpha.transaction(court.put("alpha", "gamma/0=v")).endState();
    ReceiveEntry mixed = returned(alpha, 0, 2);
    Entry entry = Entry.of(alpha.size(), alpha.lastLeaf(), mixed);
    assertEquals(
        Optional.of(EntryFault.RECEIVE_WRONG_ADDRESSEE),
        EntryRules.alone(alpha.machine().origin(), alpha.size(), entry));
  }
}
