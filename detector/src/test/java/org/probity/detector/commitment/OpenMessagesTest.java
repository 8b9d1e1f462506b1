package org.probity.detector.commitment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.evidence.ByzantineLog;
import org.probity.detector.evidence.Court;
import org.probity.detector.log.AckEntry;
import org.probity.detector.log.ReceiveEntry;
import org.probity.detector.node.ObjectStore;

/** SPEC protocol.md §6.5: what a witness reads out of its ward's log to deliver it. */
class OpenMessagesTest {
  private static final int MANY = 2 * OpenMessages.MAX_SENDS;

  private final Court court = new Court();
  private final ByzantineLog alpha = court.log("alpha");
  private final FootprintRule footprints = new FootprintRule(new ObjectStore());

  private AckEntry acknowledgedBy(String receiver, int value) {
    ByzantineLog log = court.log(receiver);
    alpha.transaction(court.put("alpha", receiver + "/" + value + "=x")).endState();
    long sent = alpha.sends().get(alpha.sends().size() - 1);
    AckEntry ack = log.receive(alpha.envelope(sent)).endState().ackFor(alpha.machine());
    alpha.body(ack).endState();
    return ack;
  }

  private Optional<AckEntry> lastAck(String receiver, long from, long to) {
    return OpenMessages.lastAck(alpha, receiver, from, to);
  }

  @Test
  void theLastAcknowledgementIsThatOfTheReceiver() {
    AckEntry ofBeta = acknowledgedBy("beta", 1);
    long between = alpha.size();
    AckEntry ofGamma = acknowledgedBy("gamma", 2);
    assertEquals(Optional.of(ofBeta), lastAck("beta", 0, alpha.size()));
    assertEquals(Optional.of(ofGamma), lastAck("gamma", 0, alpha.size()));
    assertEquals(Optional.empty(), lastAck("delta", 0, alpha.size()));
    // In the part that is looked at.
    assertEquals(Optional.empty(), lastAck("beta", between, alpha.size()));
    assertEquals(Optional.empty(), lastAck("gamma", 0, between));
    assertEquals(Optional.of(ofBeta), lastAck("beta", 0, between));
  }

  /** In a log that nobody has audited yet anything may stand. */
  @Test
  void whatIsNoAcknowledgementIsPassedOver() {
    AckEntry real = acknowledgedBy("beta", 1);
    alpha.body(
        new AckEntry(
            Bytes.utf8("no checkpoint"), real.stateEntry(), real.inclusion(), real.stateProof()));
    alpha.raw(Bytes.utf8("not an entry"));
    alpha.raw(Bytes.EMPTY);
    assertEquals(Optional.of(real), lastAck("beta", 0, alpha.size()));
  }

  private List<Long> sent(int count, String value) {
    for (int i = 0; i < count; i++) {
      alpha.transaction(court.put("alpha", "beta/" + i + "=" + value)).endState();
    }
    return alpha.sends();
  }

  private ReceiveEntry oldest(List<Long> open) {
    return OpenMessages.oldest(footprints, alpha, alpha.checkpoint(), open);
  }

  @Test
  void asManyAreTakenAsItsReceiverMayLogAtOnce() {
    List<Long> open = sent(MANY, "x".repeat(1_000));
    ReceiveEntry receive = oldest(open);
    int bytes = receive.sends().stream().mapToInt(Bytes::size).sum();
    assertTrue(receive.sends().size() > 1 && receive.sends().size() < MANY, "" + bytes);
    assertTrue(bytes <= OpenMessages.MAX_SEND_BYTES, "" + bytes);
    assertTrue(!FootprintRule.isTooLarge(footprints.of(receive)));
    List<Bytes> first = new ArrayList<>();
    for (long index : open.subList(0, receive.sends().size())) {
      first.add(alpha.entry(index));
    }
    assertEquals(first, receive.sends());
  }

  @Test
  void itIsProvenUnderTheCheckpoint() {
    ReceiveEntry receive = oldest(sent(3, "x"));
    assertEquals(3, receive.sends().size());
    assertTrue(
        CheckpointVerifier.founding(court.network().genesis())
            .envelope(
                "alpha",
                new Envelope(receive, 0, court.network().genesis().networkId(), 0, List.of(), 0))
            .isPresent());
    assertEquals(alpha.checkpoint().bytes(), receive.checkpoint());
  }
}
