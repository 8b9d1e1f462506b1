package org.probity.detector.challenge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.probity.detector.Seeded;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.Statement;
import org.probity.detector.evidence.ByzantineLog;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Polity;
import org.probity.detector.governance.Refusal;
import org.probity.detector.log.ReceiveEntry;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.TreeHead;
import org.probity.detector.node.ObjectStore;
import org.probity.detector.node.TestNetwork;
import org.probity.detector.program.SystemRules;

/** protocol.md §7.2: what a correct target could not answer is no challenge. */
class ChallengeRuleTest {
  private static final Action READMIT = new Action.ReadmitNode("delta", false);
  private static final Action SUSPEND = new Action.SuspendNode("delta");

  private final Disputes disputes = new Disputes();

  private void assertRefused(String code, Challenge.Body body) {
    assertRefused(code, disputes.signed(disputes.against("beta", body)));
  }

  private void assertRefused(String code, Bytes statement) {
    assertEquals(Optional.of(code), disputes.rule.check(statement).refusal().map(Refusal::code));
  }

  @Test
  void oneOfEveryKindIsValid() throws DecodeException {
    List<Challenge.Body> bodies =
        List.of(
            disputes.message(),
            disputes.audit(),
            disputes.consistency(),
            disputes.client(),
            disputes.decided(SUSPEND));
    for (Challenge.Body body : bodies) {
      ValidChallenge valid = disputes.valid(body);
      assertEquals(body.kind(), valid.kind());
      assertEquals("beta", valid.target().node());
      assertEquals("gamma", valid.challenger().node());
      Challenge written = disputes.against("beta", body);
      assertEquals(written.encode(), Challenge.decode(written.encode()).encode());
    }
  }

  @Test
  void theFirstSendOfAChannelNeedsNoAcknowledgement() {
    disputes.valid(new Challenge.Message(Optional.empty(), disputes.sends(0, 2)));
    // More may have been received than is asked for.
    disputes.valid(new Challenge.Message(Optional.of(disputes.ackOfThree), disputes.sends(1, 4)));
  }

  // Who signs.

  @Test
  void onlyTheChallengersLogKeySigns() {
    Challenge challenge = disputes.against("beta", disputes.audit());
    assertRefused("not_by_challenger", disputes.signed(challenge, "alpha"));
    Statement twice =
        Statement.sign(
            disputes.court.network().genesis().networkId(),
            Challenge.TYP,
            challenge.encode(),
            List.of(
                disputes.court.network().logKey("gamma"),
                disputes.court.network().logKey("delta")));
    assertRefused("not_by_challenger", twice.encoded());
    Statement otherTyp =
        Statement.sign(
            disputes.court.network().genesis().networkId(),
            "probity/ballot",
            challenge.encode(),
            disputes.court.network().logKey("gamma"));
    assertRefused("statement_wrong_typ", otherTyp.encoded());
    Statement otherNetwork =
        challenge.sign(Hash.sha256(new byte[0]), disputes.court.network().logKey("gamma"));
    assertRefused("statement_wrong_network", otherNetwork.encoded());
  }

  @Test
  void targetAndChallengerAreTwoNodesOfTheConsortium() {
    assertRefused(
        "unknown_target",
        disputes.signed(new Challenge(new Challenge.Target("beta", 1), "gamma", disputes.audit())));
    assertRefused(
        "unknown_target",
        disputes.signed(
            new Challenge(new Challenge.Target("nobody", 0), "gamma", disputes.audit())));
    assertRefused(
        "unknown_challenger",
        disputes.signed(
            new Challenge(new Challenge.Target("beta", 0), "nobody", disputes.audit())));
    assertRefused(
        "challenges_itself",
        disputes.signed(
            new Challenge(new Challenge.Target("gamma", 0), "gamma", disputes.audit())));
  }

  // Messages.

  @Test
  void theSendsAreProvenUnderTheSendersKey() {
    ReceiveEntry sends = disputes.sends(3, 6);
    ByzantineLog forged =
        new ByzantineLog(disputes.court.machine("alpha"), TestNetwork.signer("forger")).genesis();
    for (int i = 0; i < 6; i++) {
      forged.transaction(disputes.court.put("alpha", "beta/" + i + "=x")).endState();
    }
    long[] last = forged.sends().subList(3, 6).stream().mapToLong(Long::longValue).toArray();
    assertRefused("sends_unproven", message(forged.envelope(last)));
    assertRefused(
        "receive_proof", message(new ReceiveEntry(sends.checkpoint(), sends.sends(), List.of())));
    assertRefused(
        "receive_not_sends", message(new ReceiveEntry(sends.checkpoint(), List.of(), List.of())));
    assertRefused(
        "receive_out_of_sequence",
        message(
            disputes.alpha.envelope(disputes.alpha.sends().get(3), disputes.alpha.sends().get(5))));
  }

  @Test
  void theSendsAreForTheTarget() {
    disputes.alpha.transaction(disputes.court.put("alpha", "delta/x=y")).endState();
    long other = disputes.alpha.sends().get(Disputes.SENT);
    assertRefused(
        "receive_wrong_addressee",
        new Challenge.Message(Optional.empty(), disputes.alpha.envelope(other)));
  }

  @Test
  void theTargetHasSaidThatItHasWhatCameBefore() {
    assertRefused("ack_missing", new Challenge.Message(Optional.empty(), disputes.sends(3, 6)));
    assertRefused(
        "ack_too_low",
        new Challenge.Message(Optional.of(disputes.ackOfThree), disputes.sends(4, 6)));
    // Somebody else's word for it, or one by another key.
    ByzantineLog delta = disputes.court.log("delta").receive(other()).endState();
    assertRefused(
        "ack_unproven",
        new Challenge.Message(
            Optional.of(delta.ackFor(disputes.alpha.machine())), disputes.sends(3, 6)));
    ByzantineLog forged =
        new ByzantineLog(disputes.court.machine("beta"), TestNetwork.signer("forger"))
            .genesis()
            .receive(disputes.sends(0, 5))
            .endState();
    assertRefused(
        "ack_unproven",
        new Challenge.Message(
            Optional.of(forged.ackFor(disputes.alpha.machine())), disputes.sends(5, 6)));
  }

  private ReceiveEntry other() {
    ByzantineLog log = disputes.court.log("alpha");
    log.transaction(disputes.court.put("alpha", "delta/x=y")).endState();
    return log.envelope(log.sends().get(0));
  }

  @Test
  void whatNobodyMayReceiveAtOnceIsNoChallenge() {
    ChallengeRule heavy =
        ChallengeRule.founding(
            disputes.court.network().genesis(),
            new ObjectStore() {
              @Override
              public int messageFootprint(Bytes payload) {
                return 20_000;
              }
            });
    Bytes three = disputes.signed(disputes.against("beta", disputes.message()));
    assertEquals(
        Optional.of("footprint_too_large"), heavy.check(three).refusal().map(Refusal::code));
    Bytes one =
        disputes.signed(
            disputes.against(
                "beta",
                new Challenge.Message(Optional.of(disputes.ackOfThree), disputes.sends(3, 4))));
    assertTrue(heavy.check(one).valid().isPresent());
  }

  @Test
  void whatNobodyMayReceiveAtAllIsNoChallenge() {
    ChallengeRule tooHeavy =
        ChallengeRule.founding(
            disputes.court.network().genesis(),
            new ObjectStore() {
              @Override
              public int messageFootprint(Bytes payload) {
                return SystemRules.MAX_MESSAGE_FOOTPRINT_BYTES;
              }
            });
    Bytes one =
        disputes.signed(
            disputes.against(
                "beta",
                new Challenge.Message(Optional.of(disputes.ackOfThree), disputes.sends(3, 4))));
    assertEquals(
        Optional.of("message_footprint_too_large"),
        tooHeavy.check(one).refusal().map(Refusal::code));
  }

  private static Challenge.Message withoutAck(ReceiveEntry receive) {
    return new Challenge.Message(Optional.empty(), receive);
  }

  private Challenge.Message message(ReceiveEntry receive) {
    return new Challenge.Message(Optional.of(disputes.ackOfThree), receive);
  }

  // Logs.

  @Test
  void entriesAreThoseThatTheTargetsOwnCheckpointPromises() {
    Bytes own = disputes.beta.checkpoint().bytes();
    long size = disputes.beta.size();
    disputes.valid(new Challenge.Audit(own, size - 1, 1));
    assertRefused("bad_range", new Challenge.Audit(own, size, 1));
    assertRefused("bad_range", new Challenge.Audit(own, size - 1, 2));
    assertRefused("bad_range", new Challenge.Audit(own, 0, 0));
    assertRefused("bad_range", new Challenge.Audit(own, Long.MAX_VALUE, 15));
    assertRefused("cbor_out_of_range", new Challenge.Audit(own, 0, Challenge.MAX_ENTRIES + 1));
    assertRefused("not_of_target", new Challenge.Audit(disputes.alpha.checkpoint().bytes(), 0, 1));
    ByzantineLog forged =
        new ByzantineLog(disputes.court.machine("beta"), TestNetwork.signer("forger")).genesis();
    assertRefused("checkpoint_invalid", new Challenge.Audit(forged.checkpoint().bytes(), 0, 1));
  }

  @Test
  void checkpointsToBeLinkedAreTheTargetsInOrder() {
    Bytes newer = disputes.beta.checkpoint().bytes();
    Bytes older = disputes.beta.checkpoint(4).bytes();
    assertRefused("bad_order", new Challenge.Consistency(newer, older));
    assertRefused("bad_order", new Challenge.Consistency(newer, newer));
    SignedCheckpoint fork =
        disputes.beta.sign(new TreeHead(disputes.beta.size(), Hash.sha256(new byte[0])));
    assertRefused("bad_order", new Challenge.Consistency(newer, fork.bytes()));
    assertRefused(
        "not_of_target", new Challenge.Consistency(disputes.alpha.checkpoint(1).bytes(), newer));
  }

  /** SPEC protocol.md §13.4 has a log take its own messages back; nobody may ask a node to. */
  @Test
  void nobodyIsAskedToReceiveWhatItHasSent() {
    Challenge.Message own = new Challenge.Message(Optional.empty(), disputes.sends(0, 2));
    assertEquals(
        Optional.of("own_messages"),
        disputes
            .rule
            .check(disputes.signed(disputes.against("alpha", own)))
            .refusal()
            .map(Refusal::code));
  }

  // Statements.

  @Test
  void aClientsTransactionIsOneThatTheTargetMayLog() {
    Statement other = disputes.court.put("delta", "key=value");
    assertRefused("wrong_audience", new Challenge.Client(other.encoded(), Optional.empty()));
    byte[] damaged = disputes.transaction.encoded().toArray();
    damaged[damaged.length - 1] ^= 1;
    assertRefused(
        "statement_bad_signature", new Challenge.Client(Bytes.wrap(damaged), Optional.empty()));
    assertRefused(
        "not_of_target",
        new Challenge.Client(
            disputes.transaction.encoded(), Optional.of(disputes.alpha.checkpoint().bytes())));
    // Whatever it does there is an answer to it, be it a refusal.
    disputes.valid(
        new Challenge.Client(
            disputes.court.refused("beta", Bytes.utf8("nonsense")).encoded(), Optional.empty()));
  }

  @Test
  void aDecisionFollowsOnThoseThatAreKnown() {
    DecisionChain chain = disputes.polity.decide(disputes.polity.chain(), SUSPEND);
    Challenge.Decided second =
        new Challenge.Decided(disputes.polity.unanimous(chain.state(), READMIT).encode());
    assertRefused("decision_ahead", second);
    ChallengeRule later =
        new ChallengeRule(disputes.court.network().genesis(), new ObjectStore(), () -> chain);
    Bytes statement = disputes.signed(disputes.against("beta", second));
    assertTrue(later.check(statement).valid().isPresent());
    // Also what was decided long ago.
    Bytes first = disputes.signed(disputes.against("beta", disputes.decided(SUSPEND)));
    assertTrue(later.check(first).valid().isPresent());
    assertRefused(
        "beyond_unsupported",
        disputes.decided(
            new Action.ApproveIncarnation(
                disputes.polity.enrolment(
                    Polity.next(disputes.court.network().node("beta")), Polity.signer("m-beta")),
                Polity.HEAD,
                Polity.ROOT,
                TestNetwork.FOUNDED_MILLIS,
                List.of(new Action.Beyond(new Action.LogName("gamma", 0), 1, 0)))));
    assertTrue(
        later
            .check(
                disputes.signed(
                    disputes.against("beta", disputes.decided(new Action.ReassignWitnesses()))))
            .valid()
            .isPresent());
    assertRefused("unknown_version", new Challenge.Decided(Bytes.fromHex("86000000000000")));
  }

  // Bytes.

  @Test
  void tooLargeIsNotLookedAt() {
    assertRefused("challenge_too_large", Bytes.wrap(new byte[Challenge.MAX_STATEMENT_BYTES + 1]));
    assertRefused("cbor_unexpected_type", Bytes.wrap(new byte[Challenge.MAX_STATEMENT_BYTES]));
  }

  @Test
  void noFlippedBitPasses() {
    Bytes message = disputes.signed(disputes.against("beta", disputes.message()));
    Bytes first = disputes.signed(disputes.against("beta", withoutAck(disputes.sends(0, 2))));
    Seeded.run(
        300,
        random -> {
          byte[] bytes = (random.nextBoolean() ? message : first).toArray();
          bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
          assertTrue(disputes.rule.check(Bytes.wrap(bytes)).refusal().isPresent());
        });
  }
}
