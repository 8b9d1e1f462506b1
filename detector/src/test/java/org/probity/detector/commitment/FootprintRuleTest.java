package org.probity.detector.commitment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Statement;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.evidence.ByzantineLog;
import org.probity.detector.evidence.Court;
import org.probity.detector.evidence.FaultKind;
import org.probity.detector.log.AckEntry;
import org.probity.detector.log.Entry;
import org.probity.detector.log.ReceiveEntry;
import org.probity.detector.log.SendEntry;
import org.probity.detector.log.TransactionEntry;
import org.probity.detector.node.WeightyStore;
import org.probity.detector.program.SystemRules;
import org.probity.detector.program.TransactionOutcome;
import org.probity.detector.program.TransactionOutcome.Status;

/** Whatever a culprit logs, a proof about one batch of it stays small. */
class FootprintRuleTest {
  private static final int MAX = SystemRules.MAX_FOOTPRINT_BYTES;

  private final Court court = new Court(new WeightyStore());
  private final ByzantineLog alpha = court.log("alpha");
  private final ByzantineLog beta = court.log("beta");
  private final FootprintRule footprints = alpha.machine().footprints();
  private final StatementVerifier statements =
      new StatementVerifier(SignatureRule.fastest(), court.network().genesis().networkId());

  /** A transaction that costs this much in all. */
  private Statement weighing(int footprint) {
    // The number may take a digit more than the one that is measured with.
    int rest = (int) footprint(court.put("alpha", "w=" + footprint)) - footprint;
    return court.put("alpha", "w=" + (footprint - rest));
  }

  private long footprint(Statement statement) {
    TransactionRule.Checked checked =
        TransactionRule.check(statement.encoded(), "alpha", statements).checked().orElseThrow();
    return footprints.of(checked.statement(), checked.transaction());
  }

  @Test
  void oneTransactionMayCostTheWholeBoundAndNoByteMore() throws DecodeException {
    Statement most = weighing(MAX);
    Statement tooMuch = weighing(MAX + 1);
    assertEquals(MAX, footprint(most));
    assertEquals(MAX + 1, footprint(tooMuch));
    assertEquals(Status.EXECUTED, alpha.execute(most).status());
    Bytes before = alpha.state().root().toBytes();

    Machine.Effects refused = alpha.execute(tooMuch);

    assertEquals(Status.FOOTPRINT_TOO_LARGE, refused.status());
    assertEquals(
        TransactionOutcome.refused(Status.FOOTPRINT_TOO_LARGE),
        TransactionOutcome.decode(refused.outcome()));
    assertEquals(before, alpha.state().root().toBytes());
  }

  @Test
  void whoExecutesMoreThanOneTransactionMayCostIsProven() {
    Statement tooMuch = weighing(MAX + 1);
    alpha
        .body(
            new TransactionEntry(
                tooMuch.encoded(), TransactionOutcome.executed(Bytes.utf8("stored")).encode()))
        .endState();
    court.assertProven(
        court.transition(alpha, 0, 1), "alpha", FaultKind.INVALID_TRANSITION, "outcome_differs", 1);
  }

  @Test
  void theInputsOfABatchCostTheBoundTogetherAndNoByteMore() {
    ByzantineLog within = court.log("alpha");
    within.transaction(weighing(MAX / 2)).transaction(weighing(MAX / 2)).endState();
    court.assertRejected("no_fault", court.transition(within, 0, 3));

    alpha.transaction(weighing(MAX / 2)).transaction(weighing(MAX / 2 + 1)).endState();
    court.assertProven(
        court.transition(alpha, 0, 2),
        "alpha",
        FaultKind.INVALID_TRANSITION,
        "batch_footprint_too_large",
        2);
  }

  @Test
  void everyBatchHasTheBoundForItself() {
    alpha.transaction(weighing(MAX)).endState().transaction(weighing(MAX)).endState();
    court.assertRejected("no_fault", court.transition(alpha, 2, 4));
  }

  @Test
  void theFirstOfABatchIsNotJudgedByTheBatch() {
    FootprintRule.Batch batch = new FootprintRule.Batch();
    assertTrue(batch.hasRoomFor(MAX + 1));
    batch.add(MAX - 1);
    assertTrue(batch.hasRoomFor(1));
    assertFalse(batch.hasRoomFor(2));
    batch.end();
    assertTrue(batch.hasRoomFor(2));
  }

  @Test
  void aMessageIsSentOnlyIfItCanBeReceivedAlone() {
    int most = SystemRules.MAX_MESSAGE_FOOTPRINT_BYTES;
    String message = "beta/w=" + (most - 12);
    assertEquals(12, message.length());
    alpha.transaction(court.put("alpha", message)).endState();
    assertEquals(1, alpha.sends().size());
    beta.receive(alpha.envelope(alpha.sends().get(0))).endState();

    Statement tooMuch = court.put("alpha", "beta/w=" + (most - 11));
    assertThrows(IllegalArgumentException.class, () -> alpha.execute(tooMuch));
  }

  @Test
  void aMessageThatNobodyMaySendIsNotReceivedEither() {
    int most = SystemRules.MAX_MESSAGE_FOOTPRINT_BYTES - "ask=12345".length();
    ReceiveEntry within = messageOfAlpha("ask=" + most);
    assertEquals(1, beta.execute(within).effects().orElseThrow().sends().size());

    ReceiveEntry tooMuch = messageOfAlpha("ask=" + (most + 1));
    assertTrue(footprints.of(tooMuch) <= MAX, "would be received if it could be answered");
    assertEquals(
        Optional.of("message_footprint_too_large"),
        beta.execute(tooMuch).violation().map(Violation::code));

    ByzantineLog accomplice = court.log("beta").body(tooMuch).endState();
    court.assertProven(
        court.transition(accomplice, 0, 1),
        "beta",
        FaultKind.INVALID_TRANSITION,
        "message_footprint_too_large",
        1);
  }

  /** From a log that sends whatever it likes. */
  private ReceiveEntry messageOfAlpha(String payload) {
    ByzantineLog log = court.log("alpha");
    log.transaction(court.put("alpha", "w=1"));
    return log.body(new SendEntry("beta", 0, 0, Bytes.utf8(payload))).endState().envelope(2);
  }

  @Test
  void messagesThatCostTooMuchTogetherAreNotReceivedAtOnce() {
    int half = MAX / 2;
    alpha
        .transaction(court.put("alpha", "beta/w=" + half))
        .endState()
        .transaction(court.put("alpha", "beta/v=" + half))
        .endState();
    ReceiveEntry both = alpha.envelope(alpha.sends().get(0), alpha.sends().get(1));
    assertEquals(
        Optional.of("footprint_too_large"),
        beta.machine().receive(beta.state(), both, beta.size()).violation().map(Violation::code));

    beta.body(both).endState();
    court.assertProven(
        court.transition(beta, 0, 1),
        "beta",
        FaultKind.INVALID_TRANSITION,
        "footprint_too_large",
        1);
    court
        .log("beta")
        .receive(alpha.envelope(alpha.sends().get(0)))
        .endState()
        .receive(alpha.envelope(alpha.sends().get(1)));
  }

  @Test
  void whoSendsAndReceivesCountTheSame() {
    alpha.transaction(court.put("alpha", "beta/w=1234")).endState();
    long send = alpha.sends().get(0);
    ReceiveEntry receive = alpha.envelope(send);
    long known = footprints.ofSendWithPath(alpha.entry(send), alpha.size());
    assertTrue(footprints.of(receive) <= receive.checkpoint().size() + known);
    assertTrue(known > 1234 + alpha.entry(send).size());
  }

  @Test
  void noAckCostsTooMuchAlone() {
    alpha.transaction(court.put("alpha", "beta/w=1")).endState();
    beta.receive(alpha.envelope(alpha.sends().get(0)));
    // What beta could make of its state to lengthen the proof: a neighbour at every bit of the key.
    byte[] received = SystemState.receivedKey(ChannelId.to(alpha.machine().self())).toArray();
    for (int bit = 0; bit < 8 * received.length; bit++) {
      byte[] neighbour = received.clone();
      neighbour[bit / 8] ^= (byte) (0x80 >> (bit % 8));
      beta.state().put(Machine.systemKey(Bytes.wrap(neighbour)), Bytes.utf8("x"));
    }
    AckEntry longest = beta.endState().ackFor(alpha.machine());
    assertTrue(longest.stateProof().size() > 32 * 8 * received.length, "not the longest");
    assertTrue(footprints.of(longest) < MAX / 2, "costs " + footprints.of(longest));
    alpha.acknowledge(longest);
  }

  @Test
  void whatIsNoSendCostsItsBytes() {
    Bytes junk = Bytes.wrap(new byte[100]);
    assertEquals(100 + 34, footprints.ofSendWithPath(junk, 1));
    Entry tick = Entry.of(0, alpha.lastLeaf(), new SendEntry("beta", 0, 0, Bytes.utf8("w=7")));
    assertEquals(tick.bytes().size() + 7 + 34, footprints.ofSendWithPath(tick.bytes(), 1));
  }
}
