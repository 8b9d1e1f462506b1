package org.probity.ledger.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.probity.ledger.Fixture.A;
import static org.probity.ledger.Fixture.B;
import static org.probity.ledger.Fixture.C;
import static org.probity.ledger.Fixture.by;
import static org.probity.ledger.Fixture.remit;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.DecodeException;
import org.probity.ledger.Fixture;
import org.probity.ledger.MemoryNetwork.Message;
import org.probity.ledger.client.RemittanceTracker.Concluded;
import org.probity.ledger.transaction.Operation;
import org.probity.ledger.transaction.Outcome;
import org.probity.ledger.transaction.ResultCode;
import org.probity.ledger.transaction.SettlementMessage;
import org.probity.ledger.transaction.SettlementMessage.ResultGroup;
import org.probity.ledger.transaction.SettlementMessage.Results;

class RemittanceTrackerTest {
  private final Fixture world =
      new Fixture().opened(A, "alice").opened(B, "bea").opened(C, "carl").funded(A, "alice", 100);
  private final RemittanceTracker<String> tracker = new RemittanceTracker<>(4);

  /** Lets all messages arrive and shows the tracker the answers. */
  private List<Concluded<String>> settle() throws DecodeException {
    List<Concluded<String>> concluded = new ArrayList<>();
    while (!world.network.quiet()) {
      Message message = world.network.intercept();
      world.network.inject(message.from(), message.to(), message.payload());
      if (SettlementMessage.decode(message.payload()) instanceof Results results) {
        concluded.addAll(tracker.answered(message.from(), results));
      }
    }
    return concluded;
  }

  @Test
  void reportsATransactionWhenItsLastRemittanceHasEnded() throws DecodeException {
    Outcome.Accepted outcome =
        world.accepted(
            A,
            by("alice"),
            remit("alice", C, "carl", 1),
            remit("alice", B, "bea", 1),
            remit("alice", B, "nobody", 1));
    assertEquals(true, tracker.follow("one", outcome));
    assertEquals(2, tracker.open());
    List<Concluded<String>> concluded = settle();
    assertEquals(
        List.of(
            new Concluded<>(
                "one",
                new TreeMap<>(
                    Map.of(0, ResultCode.OK, 1, ResultCode.OK, 2, ResultCode.PAYEE_NOT_FOUND)))),
        concluded);
    assertEquals(false, concluded.get(0).settled());
    assertEquals(0, tracker.open());
  }

  @Test
  void keepsSeveralTransactionsApart() throws DecodeException {
    tracker.follow("one", world.accepted(A, by("alice"), remit("alice", B, "bea", 1)));
    tracker.follow("two", world.accepted(A, by("alice"), remit("alice", B, "bea", 1)));
    world.accepted(A, by("alice"), remit("alice", B, "bea", 1)); // not followed
    List<Concluded<String>> concluded = settle();
    assertEquals(List.of("one", "two"), concluded.stream().map(Concluded::transaction).toList());
    assertEquals(true, concluded.get(1).settled());
  }

  @Test
  void followsOnlyWhatFitsAndWhatSentSomething() {
    Outcome.Accepted local = world.accepted(A, by("alice"), transfer("alice", "alice-2"));
    assertEquals(false, tracker.follow("local", local));
    for (int i = 0; i < 4; i++) {
      Outcome.Accepted one = world.accepted(A, by("alice"), remit("alice", B, "bea", 1));
      assertEquals(true, tracker.follow("number " + i, one));
    }
    Outcome.Accepted more = world.accepted(A, by("alice"), remit("alice", B, "bea", 1));
    assertEquals(false, tracker.follow("too many", more));
    assertEquals(4, tracker.open());
  }

  private Operation transfer(String payer, String payee) {
    world.opened(A, payee);
    return Fixture.transfer(payer, payee, 1);
  }

  @Test
  void ignoresAnAnswerTheLedgerIgnores() {
    Outcome.Accepted outcome = world.accepted(A, by("alice"), remit("alice", B, "bea", 1));
    tracker.follow("one", outcome);
    ResultGroup tooLong =
        new ResultGroup(Fixture.CZK.id(), 0, List.of(ResultCode.OK, ResultCode.OK));
    assertEquals(List.of(), tracker.answered(B, new Results(List.of(tooLong))));
    ResultGroup fits = new ResultGroup(Fixture.CZK.id(), 0, List.of(ResultCode.OK));
    assertEquals(List.of(), tracker.answered(C, new Results(List.of(fits))));
    assertEquals(1, tracker.answered(B, new Results(List.of(fits))).size());
    assertEquals(List.of(), tracker.answered(B, new Results(List.of(fits))));
  }
}
