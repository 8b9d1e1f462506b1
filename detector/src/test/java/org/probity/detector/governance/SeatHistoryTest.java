package org.probity.detector.governance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.List;
import org.junit.jupiter.api.Test;

/** protocol.md §6.1, §10: which seats count for what was signed in an epoch gone by. */
class SeatHistoryTest {
  private final Polity polity = new Polity("a", "b", "c", "d", "e");

  private static List<String> names(List<NodeRecord> nodes) {
    return nodes.stream().map(NodeRecord::node).toList();
  }

  @Test
  void withoutDecisionsThereIsTheFoundingSeating() {
    SeatHistory history = SeatHistory.of(polity.chain());
    assertEquals(List.of(Seating.founding(polity.genesis)), history.seatings());
    assertEquals(SeatHistory.founding(polity.genesis).seatings(), history.seatings());
  }

  @Test
  void everySeatingCountsOnceTheNewestFirst() {
    DecisionChain reassigned = polity.decide(polity.chain(), new Action.ReassignWitnesses());
    DecisionChain suspended = polity.decide(reassigned, new Action.SuspendNode("a"));
    DecisionChain readmitted = polity.decide(suspended, new Action.ReadmitNode("a", false));
    DecisionChain wider = polity.decide(readmitted, new Action.SetParameters(Parameters.of(1, 3)));
    assertEquals(
        List.of(
            Seating.of(wider.state()),
            Seating.of(reassigned.state()),
            Seating.of(suspended.state()),
            Seating.founding(polity.genesis)),
        SeatHistory.of(wider).seatings());
    assertEquals(1, SeatHistory.of(wider).inForce().faults());
    assertEquals(0, SeatHistory.of(wider).seatings().get(1).faults());
  }

  @Test
  void whoIsRevokedCountsInNoSeatingAndWhoIsSuspendedDoes() {
    Seating founding = Seating.founding(polity.genesis);
    String seat = names(founding.witnessesOf("a")).get(0);
    DecisionChain suspended = polity.decide(polity.chain(), new Action.SuspendNode(seat));
    assertEquals(
        names(founding.witnessesOf("a")),
        names(SeatHistory.of(suspended).witnessesOf("a", founding)));
    assertFalse(SeatHistory.of(suspended).inForce().isWitness(seat, "a"));
    DecisionChain revoked =
        polity.decide(suspended, new Action.RevokeNode(seat, Polity.HEAD, List.of()));
    assertEquals(List.of(), SeatHistory.of(revoked).witnessesOf("a", founding));
  }
}
