package org.probity.detector.challenge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.probity.detector.Seeded;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Statement;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.evidence.ByzantineLog;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.Decision;
import org.probity.detector.governance.Refusal;
import org.probity.detector.log.DecisionEntry;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.Multiproof;
import org.probity.detector.node.TestNetwork;
import org.probity.detector.program.TransactionOutcome.Status;
import org.probity.detector.state.StateWitness;

/** protocol.md §7.1 and §7.3: what answers a challenge, and that anything else is no answer. */
class AnswerRuleTest {
  private static final Action SUSPEND = new Action.SuspendNode("delta");

  private final Disputes disputes = new Disputes();
  private final ByzantineLog beta = disputes.beta;

  private VerifiedAnswer answered(ValidChallenge challenge, Bytes answer) {
    AnswerRule.Outcome outcome = disputes.answers.check(challenge, answer);
    return outcome.answer().orElseThrow(() -> new AssertionError(outcome.refusal()));
  }

  private void assertNone(String code, ValidChallenge challenge, Bytes answer) {
    AnswerRule.Outcome outcome = disputes.answers.check(challenge, answer);
    assertEquals(Optional.of(code), outcome.refusal().map(Refusal::code));
    assertFalse(outcome.answer().isPresent());
  }

  @Test
  void messagesAreAnsweredByAnAcknowledgementOfTheLast() {
    ValidChallenge challenge = disputes.valid(disputes.message());
    assertNone("ack_too_low", challenge, Answer.acknowledging(disputes.ackOfThree));
    beta.receive(disputes.sends(3, 5)).endState();
    assertNone(
        "ack_too_low", challenge, Answer.acknowledging(beta.ackFor(disputes.alpha.machine())));
    beta.receive(disputes.sends(5, 6)).endState();
    Bytes answer = Answer.acknowledging(beta.ackFor(disputes.alpha.machine()));
    assertEquals("beta", answered(challenge, answer).ack().orElseThrow().from());
    // A later one will do as well.
    beta.transaction(disputes.court.put("beta", "more=x")).endState();
    answered(challenge, Answer.acknowledging(beta.ackFor(disputes.alpha.machine())));
  }

  @Test
  void anAcknowledgementIsTheTargetsOwn() {
    ValidChallenge challenge = disputes.valid(disputes.message());
    ByzantineLog forged =
        new ByzantineLog(disputes.court.machine("beta"), TestNetwork.signer("forger"))
            .genesis()
            .receive(disputes.sends(0, 6))
            .endState();
    assertNone(
        "ack_unproven", challenge, Answer.acknowledging(forged.ackFor(disputes.alpha.machine())));
  }

  @Test
  void entriesAreThoseUnderTheCheckpoint() {
    ValidChallenge challenge = disputes.valid(disputes.audit());
    assertEquals(
        List.of(beta.entry(1), beta.entry(2), beta.entry(3)),
        answered(challenge, disputes.production()).entries());
    List<Bytes> others = List.of(beta.entry(1), beta.entry(3), beta.entry(2));
    assertNone(
        "wrong_entries",
        challenge,
        Answer.producing(others, Multiproof.buildRange(beta, beta.size(), 1, 4)));
    assertNone(
        "wrong_entries",
        challenge,
        Answer.producing(
            List.of(beta.entry(1), beta.entry(2)), Multiproof.buildRange(beta, beta.size(), 1, 3)));
    assertNone(
        "wrong_entries",
        challenge,
        Answer.producing(
            List.of(beta.entry(2), beta.entry(3), beta.entry(4)),
            Multiproof.buildRange(beta, beta.size(), 2, 5)));
  }

  @Test
  void aLinkIsBetweenExactlyTheseTwo() {
    ValidChallenge challenge = disputes.valid(disputes.consistency());
    assertFalse(answered(challenge, disputes.link()).link().isEmpty());
    assertNone(
        "unlinked", challenge, Answer.linking(MerkleProofs.consistency(beta, 5, beta.size())));
    assertNone("unlinked", challenge, Answer.linking(List.of()));
  }

  @Test
  void aTransactionIsAnsweredByItsEntryWhateverItsOutcome() {
    Statement refused = disputes.court.refused("beta", Bytes.utf8("nonsense"));
    ValidChallenge executed = disputes.valid(disputes.client());
    ValidChallenge notExecuted =
        disputes.valid(new Challenge.Client(refused.encoded(), Optional.empty()));
    Bytes answer = disputes.inclusion();
    answered(executed, answer);
    assertNone("other_entry", notExecuted, answer);
    long index = beta.size();
    beta.transaction(refused).endState();
    answered(notExecuted, disputes.inclusion(index));
    assertNone("other_entry", executed, disputes.inclusion(index));
    // Not any entry, and not in any place.
    assertNone("other_entry", executed, disputes.inclusion(0));
    assertNone(
        "not_included",
        executed,
        Answer.including(
            beta.checkpoint().bytes(),
            beta.entry(index - 2),
            MerkleProofs.inclusion(beta, index, beta.size())));
  }

  @Test
  void aTransactionIsAnsweredByAStateInWhichItIsNotExecuted() {
    Statement stranger = disputes.court.refused("beta", Bytes.utf8("nonsense"));
    ValidChallenge challenge = disputes.valid(new Challenge.Client(stranger.encoded(), seen()));
    VerifiedAnswer answer = answered(challenge, disputes.refusal(stranger));
    assertEquals(Optional.of(Status.UNAUTHORISED), answer.refusal());
    assertEquals(beta.checkpoint(), answer.checkpoint().orElseThrow().signed());
    // What is executed there is not refused, whatever its home node would like.
    assertNone(
        "not_refused", disputes.valid(disputes.client()), disputes.refusal(disputes.transaction));
    assertNone("not_refused", disputes.valid(disputes.client()), disputes.refusal(stranger));
  }

  @Test
  void whetherItIsExecutedIsReadInTheState() {
    Statement first = disputes.court.put("beta", 77, "key=value");
    Statement second = disputes.court.put("beta", 77, "key=other");
    ValidChallenge challenge =
        disputes.valid(new Challenge.Client(second.encoded(), Optional.empty()));
    assertNone("not_refused", challenge, disputes.refusal(second));
    beta.transaction(first).endState();
    assertEquals(
        Optional.of(Status.ID_EXISTS_WITH_DIFFERENT_CONTENT),
        answered(challenge, disputes.refusal(second)).refusal());
    // The state of a moment ago, under today's checkpoint.
    long before = beta.size() - 2;
    assertNone(
        "not_a_state",
        challenge,
        Answer.stating(
            beta.checkpoint().bytes(),
            beta.entry(before - 1),
            MerkleProofs.inclusion(beta, before - 1, beta.size()),
            StateWitness.ofKeys(beta.stateAfter(before - 1), List.of()).encoded()));
    assertNone(
        "not_a_state",
        challenge,
        Answer.stating(
            beta.checkpoint().bytes(),
            beta.entry(beta.size() - 1),
            MerkleProofs.inclusion(beta, beta.size() - 1, beta.size()),
            StateWitness.ofKeys(beta.stateAfter(before - 1), List.of()).encoded()));
    // Of the right state, and nothing in it.
    assertNone(
        "not_refused",
        challenge,
        Answer.stating(
            beta.checkpoint().bytes(),
            beta.entry(beta.size() - 1),
            MerkleProofs.inclusion(beta, beta.size() - 1, beta.size()),
            StateWitness.ofKeys(beta.stateAfter(beta.size() - 1), List.of()).encoded()));
  }

  /** Nobody had an account once; that is no reason today. */
  @Test
  void aRefusalIsNoOlderThanWhatTheChallengerHasSeen() {
    Statement stranger = disputes.court.refused("beta", Bytes.utf8("nonsense"));
    Bytes old = disputes.refusal(stranger);
    beta.transaction(disputes.court.put("beta", "more=x")).endState();
    ValidChallenge challenge = disputes.valid(new Challenge.Client(stranger.encoded(), seen()));
    assertNone("refusal_outdated", challenge, old);
    answered(challenge, disputes.refusal(stranger));
    answered(disputes.valid(new Challenge.Client(stranger.encoded(), Optional.empty())), old);
  }

  @Test
  void aDecisionIsAnsweredByAnyLaterState() {
    ValidChallenge challenge = disputes.valid(disputes.decided(SUSPEND));
    assertNone("epoch_too_low", challenge, disputes.epoch());
    beta.decide(disputes.polity.unanimous(disputes.polity.chain().state(), SUSPEND)).endState();
    answered(challenge, disputes.epoch());
    beta.transaction(disputes.court.put("beta", "more=x")).endState();
    answered(challenge, disputes.epoch());
    // A state that does not say how many there were.
    assertNone(
        "epoch_too_low",
        challenge,
        Answer.stating(
            beta.checkpoint().bytes(),
            beta.entry(beta.size() - 1),
            MerkleProofs.inclusion(beta, beta.size() - 1, beta.size()),
            StateWitness.ofKeys(beta.stateAfter(beta.size() - 1), List.of()).encoded()));
    assertNone("not_refused", disputes.valid(disputes.client()), disputes.epoch());
  }

  private Optional<Bytes> seen() {
    return Optional.of(beta.checkpoint().bytes());
  }

  @Test
  void fewerSignaturesAreAnotherTransaction() {
    Statement one = disputes.transaction;
    Statement two =
        Statement.sign(
            disputes.court.network().genesis().networkId(),
            one.typ(),
            payload(one),
            List.of(TestNetwork.signer("client"), TestNetwork.signer("second")));
    assertEquals(one.id(), two.id());
    ValidChallenge challenge =
        disputes.valid(new Challenge.Client(two.encoded(), Optional.empty()));
    assertNone("other_entry", challenge, disputes.inclusion());
    // The log has room for it once more, to say that it was there already.
    long index = beta.size();
    beta.transaction(two).endState();
    answered(challenge, disputes.inclusion(index));
    // Which is a waste of log: the state says it too.
    assertEquals(
        Optional.of(Status.ALREADY_RECORDED), answered(challenge, disputes.refusal(two)).refusal());
  }

  private Bytes payload(Statement statement) {
    try {
      return new StatementVerifier(
              SignatureRule.fastest(), disputes.court.network().genesis().networkId())
          .verify(statement, statement.typ())
          .payload();
    } catch (DecodeException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void anEntryStandsUnderACheckpointOfTheTarget() {
    ValidChallenge challenge = disputes.valid(disputes.client());
    ByzantineLog forged =
        new ByzantineLog(disputes.court.machine("beta"), TestNetwork.signer("forger"))
            .genesis()
            .transaction(disputes.transaction)
            .endState();
    assertNone(
        "checkpoint_invalid",
        challenge,
        Answer.including(
            forged.checkpoint().bytes(),
            forged.entry(1),
            MerkleProofs.inclusion(forged, 1, forged.size())));
    assertNone(
        "checkpoint_invalid",
        challenge,
        Answer.including(
            disputes.alpha.checkpoint().bytes(),
            disputes.alpha.entry(1),
            MerkleProofs.inclusion(disputes.alpha, 1, disputes.alpha.size())));
  }

  @Test
  void anyValidDecisionOfTheEpochWillDo() {
    ValidChallenge challenge = disputes.valid(disputes.decided(SUSPEND));
    answered(challenge, disputes.inclusionOf(SUSPEND));
    answered(challenge, disputes.inclusionOf(new Action.ReassignWitnesses()));
    assertNone("other_entry", challenge, disputes.inclusion(0));
  }

  @Test
  void aDecisionThatWasNotTakenIsNone() {
    ValidChallenge challenge = disputes.valid(disputes.decided(SUSPEND));
    Decision taken = disputes.polity.unanimous(disputes.polity.chain().state(), SUSPEND);
    long index = beta.size();
    beta.body(
            new DecisionEntry(
                new Decision(0, taken.previous(), 0, SUSPEND, taken.ballots().subList(0, 1))
                    .encode()))
        .endState();
    assertTrue(disputes.answers.check(challenge, disputes.inclusion(index)).refusal().isPresent());
  }

  @Test
  void noBytesThrowAndNoFlippedBitAnswers() {
    Statement stranger = disputes.court.refused("beta", Bytes.utf8("nonsense"));
    List<ValidChallenge> challenges =
        List.of(
            disputes.valid(disputes.message()),
            disputes.valid(disputes.audit()),
            disputes.valid(disputes.consistency()),
            disputes.valid(disputes.client()),
            disputes.valid(new Challenge.Client(stranger.encoded(), Optional.empty())));
    List<Bytes> answers =
        List.of(
            disputes.production(),
            disputes.link(),
            disputes.refusal(stranger),
            disputes.acknowledgement(),
            disputes.inclusion());
    Seeded.run(
        400,
        random -> {
          byte[] bytes = answers.get(random.nextInt(answers.size())).toArray();
          bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
          for (ValidChallenge challenge : challenges) {
            assertTrue(disputes.answers.check(challenge, Bytes.wrap(bytes)).refusal().isPresent());
          }
        });
    Bytes large = Bytes.wrap(new byte[Answer.MAX_BYTES + 1]);
    challenges.forEach(challenge -> assertNone("answer_too_large", challenge, large));
  }
}
