package org.probity.detector.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.probity.detector.challenge.AnswerRule;
import org.probity.detector.challenge.Challenge;
import org.probity.detector.challenge.ValidChallenge;
import org.probity.detector.challenge.VerifiedAnswer;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.ChannelId;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.SystemState;
import org.probity.detector.crypto.Signer;
import org.probity.detector.governance.Parameters;
import org.probity.detector.log.ReceiveEntry;
import org.probity.detector.log.SignedCheckpoint;

/** SPEC protocol.md §6.5: what a witness sees wait in the log of a ward, and for how long. */
class UndeliveredMessagesTest {
  private static final long PATIENCE = 1_000;
  private static final long TICKET = 1L << 40;
  private static final Signer CLIENT = TestNetwork.signer("client");
  private static final String WARD = "a";
  private static final String RECEIVER = "b";
  private static final String WITNESS = "c";

  private final ObjectStore program = new ObjectStore();
  private final TestConsortium consortium =
      new TestConsortium(
          TestNetwork.of(Parameters.of(1, 2), program.id(), Bytes.EMPTY, "a", "b", "c", "d"),
          program);
  private boolean isStanding = true;
  private final List<SignedCheckpoint> signed = new ArrayList<>();
  private long ids;

  /** Two messages arrive; two more are logged and not transmitted. */
  @BeforeEach
  void fallSilent() {
    send();
    send();
    consortium.reach((from, to) -> !from.equals(WARD));
    send();
    send();
  }

  private void send() {
    ids++;
    consortium.submit(WARD, consortium.sign(CLIENT, WARD, ids, "c", RECEIVER + "/x" + ids + "=1"));
    consortium.run();
    signed.add(consortium.member(WARD).log().newest().orElseThrow());
  }

  private Undelivered seenBy(String witness) {
    return new Undelivered(
        consortium.network().genesis(),
        witness,
        consortium.member(witness).machine().footprints(),
        checkpoint -> isStanding,
        PATIENCE);
  }

  private Undelivered.Sender ward(boolean isFoundOut) {
    TestConsortium.Member member = consortium.member(WARD);
    return new Undelivered.Sender(
        WARD,
        Optional.of(member.node().published().orElseThrow().state()),
        member.log().newest(),
        isFoundOut,
        member.log().size(),
        member.log());
  }

  private List<Input.MessagesUndelivered> look(Undelivered undelivered, long elapsedMillis) {
    return undelivered.look(ward(false), elapsedMillis);
  }

  /** Who puts it to the receiver is answered with its acknowledgement. */
  private VerifiedAnswer put(Input.MessagesUndelivered messages) {
    ValidChallenge challenge =
        consortium.valid(
            consortium
                .member(WITNESS)
                .signed(
                    new Challenge(
                        Challenge.Target.of(consortium.network().node(messages.receiver())),
                        WITNESS,
                        messages.body())));
    TestConsortium.Member receiver = consortium.member(messages.receiver());
    receiver.step(new Input.ChallengeArrived(challenge, TICKET));
    consortium.run();
    Release.ChallengeAnswered answer =
        (Release.ChallengeAnswered)
            Optional.ofNullable(receiver.answers().get(TICKET)).orElseThrow();
    return new AnswerRule(consortium.network().genesis(), program, consortium::chain)
        .check(challenge, answer.answer())
        .answer()
        .orElseThrow();
  }

  private static int sends(Input.MessagesUndelivered messages) {
    ReceiveEntry receive = messages.body().receive();
    return receive.sends().size();
  }

  @Test
  void whatWaitsIsBroughtAfterItsTimeUntilItIsAcknowledged() {
    Undelivered undelivered = seenBy(WITNESS);
    assertEquals(List.of(), look(undelivered, 0), "seen for the first time");
    assertEquals(List.of(), look(undelivered, PATIENCE - 1), "it has time still");
    List<Input.MessagesUndelivered> brought = look(undelivered, PATIENCE);
    assertEquals(1, brought.size());
    assertEquals(WARD, brought.get(0).sender());
    assertEquals(RECEIVER, brought.get(0).receiver());
    assertEquals(2, sends(brought.get(0)), "those that are not acknowledged");
    assertTrue(brought.get(0).body().lastAck().isPresent());
    assertEquals(brought, look(undelivered, PATIENCE + 1), "as long as nobody has answered");

    // The sender says nothing of it, and it is over all the same.
    undelivered.answered(put(brought.get(0)));
    assertEquals(List.of(), look(undelivered, 10 * PATIENCE));

    // What comes after has its own time, and the acknowledgement that we have seen.
    send();
    assertEquals(List.of(), look(undelivered, 20 * PATIENCE));
    brought = look(undelivered, 21 * PATIENCE);
    assertEquals(1, sends(brought.get(0)));
    undelivered.answered(put(brought.get(0)));
    assertEquals(List.of(), look(undelivered, 30 * PATIENCE));
  }

  @Test
  void aReceiverThatHasBegunAgainHasForgottenWhatItAcknowledged() {
    Undelivered undelivered = seenBy(WITNESS);
    assertEquals(List.of(), look(undelivered, 0));
    undelivered.answered(put(look(undelivered, PATIENCE).get(0)));
    assertEquals(List.of(), look(undelivered, PATIENCE));
    isStanding = false;
    assertEquals(List.of(), look(undelivered, 2 * PATIENCE));
    assertEquals(2, sends(look(undelivered, 3 * PATIENCE).get(0)));
  }

  /** The one that goes on has time of its own, as sender and as receiver. */
  @Test
  void whoBeginsAgainIsNotBlamedForHowLongTheClosedLogWaited() {
    for (String begun : List.of(WARD, RECEIVER)) {
      Undelivered undelivered = seenBy(WITNESS);
      assertEquals(List.of(), look(undelivered, 0));
      undelivered.forget(begun);
      assertEquals(List.of(), look(undelivered, PATIENCE), begun);
      assertEquals(2, sends(look(undelivered, 2 * PATIENCE).get(0)), begun);
    }
  }

  @Test
  void whatWasNotFoundInTheClosedLogIsSoughtInTheNext() {
    Undelivered.Sender ward = ward(false);
    Undelivered undelivered = seenBy(WITNESS);
    Undelivered.Sender closed =
        new Undelivered.Sender(WARD, ward.auditedState(), ward.newest(), false, 1, ward.log());
    assertEquals(List.of(), undelivered.look(closed, 0));
    assertEquals(List.of(), undelivered.look(closed, PATIENCE));
    undelivered.forget(WARD);
    assertEquals(List.of(), look(undelivered, PATIENCE));
    assertEquals(1, look(undelivered, 2 * PATIENCE).size());
  }

  /** SPEC protocol.md §6.4: entries come in parts, and a checkpoint over them with the last one. */
  @Test
  void onlyWhatASignedCheckpointCoversIsBrought() {
    Undelivered.Sender ward = ward(false);
    SystemState state = Machine.system(ward.auditedState().orElseThrow());
    ChannelId channel = ChannelId.to(consortium.network().node(RECEIVER));
    List<Long> open = state.openSends(channel, state.outgoing(channel).acked(), 2);
    for (long covered : List.of(0L, 1L, 2L)) {
      SignedCheckpoint newest =
          signed.stream()
              .filter(one -> open.stream().filter(index -> index < one.size()).count() == covered)
              .findFirst()
              .orElseThrow();
      Undelivered undelivered = seenBy(WITNESS);
      Undelivered.Sender behind =
          new Undelivered.Sender(
              WARD,
              ward.auditedState(),
              Optional.of(newest),
              false,
              ward.auditedSize(),
              ward.log());
      assertEquals(List.of(), undelivered.look(behind, 0));
      assertEquals(
          covered,
          undelivered.look(behind, PATIENCE).stream()
              .mapToInt(UndeliveredMessagesTest::sends)
              .sum());
    }
  }

  /** It takes them in at once, so that what is still open is not handed to itself over and over. */
  @Test
  void aReceiverIsToldOfItsOwnOncePerPatience() {
    Undelivered undelivered = seenBy(RECEIVER);
    assertEquals(List.of(), look(undelivered, 0));
    List<Input.MessagesUndelivered> brought = look(undelivered, PATIENCE);
    assertEquals(2, sends(brought.get(0)));
    assertEquals(Optional.empty(), brought.get(0).body().lastAck());
    assertEquals(List.of(), look(undelivered, 2 * PATIENCE - 1));
    assertEquals(brought, look(undelivered, 2 * PATIENCE));
  }

  @Test
  void nothingIsDeliveredForAWardThatIsFoundOutOrNotKnownYet() {
    Undelivered undelivered = seenBy(WITNESS);
    assertEquals(List.of(), look(undelivered, 0));
    assertEquals(List.of(), undelivered.look(ward(true), PATIENCE));
    Undelivered.Sender ward = ward(false);
    Undelivered.Sender unknown =
        new Undelivered.Sender(WARD, Optional.empty(), ward.newest(), false, 0, ward.log());
    assertEquals(List.of(), undelivered.look(unknown, PATIENCE));
    assertEquals(1, undelivered.look(ward, PATIENCE).size());
  }

  /** The acknowledgement is sought in the audited part only, where the state has it from. */
  @Test
  void withoutTheLastAcknowledgementNothingIsPutToOthers() {
    Undelivered.Sender ward = ward(false);
    Undelivered undelivered = seenBy(WITNESS);
    Undelivered.Sender shorter =
        new Undelivered.Sender(WARD, ward.auditedState(), ward.newest(), false, 1, ward.log());
    assertEquals(List.of(), undelivered.look(shorter, 0));
    assertEquals(List.of(), undelivered.look(shorter, PATIENCE));
  }
}
