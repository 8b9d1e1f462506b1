package org.probity.detector.commitment;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.probity.detector.evidence.ByzantineLog;
import org.probity.detector.evidence.Court;
import org.probity.detector.evidence.FaultKind;
import org.probity.detector.log.AckEntry;

/** protocol.md §5.1: an acknowledgement is cumulative; one entry closes a bounded part of it. */
class AckRuleTest {
  private static final ChannelId BETA = new ChannelId("beta");
  private static final int SENT = 40;

  private final Court court = new Court();
  private final ByzantineLog alpha = court.log("alpha");

  private AckEntry ackOfAll() {
    for (int i = 0; i < SENT; i++) {
      alpha.transaction(court.put("alpha", "beta/" + i + "=x")).endState();
    }
    long[] sends = alpha.sends().stream().mapToLong(Long::longValue).toArray();
    return court
        .log("beta")
        .receive(alpha.envelope(sends))
        .endState()
        .ackFor(court.machine("alpha"));
  }

  @Test
  void oneEntryClosesABoundedNumberAndTheNextTheRest() {
    AckEntry ack = ackOfAll();
    alpha.acknowledge(ack);
    assertOpen(AckRule.MAX_CLOSED);
    alpha.acknowledge(ack);
    assertOpen(SENT);
    assertEquals(
        Optional.of("ack_out_of_range"),
        alpha.machine().acknowledge(alpha.state(), ack).violation().map(Violation::code));
  }

  @Test
  void aNodeThatClosesMoreOrLessIsProvenWrong() {
    AckEntry ack = ackOfAll();
    alpha.acknowledge(ack);
    long first = alpha.size() - 2;
    Machine.system(alpha.state()).acknowledge(BETA, SENT);
    alpha.endState();
    court.assertProven(
        court.transition(alpha, first, first + 2),
        "alpha",
        FaultKind.INVALID_TRANSITION,
        "state_root_differs",
        first + 2);
  }

  private void assertOpen(long acked) {
    SystemState system = Machine.system(alpha.state());
    assertEquals(new SystemState.Outgoing(SENT, acked), system.outgoing(BETA));
    assertEquals(SENT - acked, system.openSends(BETA, 0, 100).size());
  }
}
