package org.probity.ledger.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.Violation;
import org.probity.detector.evidence.ByzantineLog;
import org.probity.detector.governance.Parameters;
import org.probity.detector.log.SendEntry;
import org.probity.detector.node.TestNetwork;
import org.probity.detector.program.Context;
import org.probity.detector.program.SystemRules;
import org.probity.ledger.Fixture;
import org.probity.ledger.transaction.AccountId;
import org.probity.ledger.transaction.References;
import org.probity.ledger.transaction.SettlementMessage.Credit;
import org.probity.ledger.transaction.SettlementMessage.CreditGroup;
import org.probity.ledger.transaction.SettlementMessage.Credits;

/**
 * Whatever a faulty peer sends, it is either not received or answered: an answer that could not be
 * sent would stop the node that made it, and hide whatever an accomplice did after it.
 */
class LargestMessageTest {
  private static final Credit SMALLEST =
      new Credit(
          AccountId.named("payer"), AccountId.named("payee"), Fixture.amount(1), References.NONE);

  private final LedgerProgram program = new LedgerProgram();
  private final TestNetwork network =
      TestNetwork.of(
          Parameters.of(1, 2),
          program.id(),
          Fixture.parameters(List.of(Fixture.A, Fixture.B, Fixture.C)).encode(),
          Fixture.A,
          Fixture.B,
          Fixture.C);

  private ByzantineLog log(String node) {
    return new ByzantineLog(network, new Machine(network.genesis(), network.node(node), program))
        .genesis();
  }

  private Machine.Result received(Credits credits) {
    ByzantineLog sender = log(Fixture.A);
    sender.body(new SendEntry(Fixture.B, 0, 0, credits.encode())).endState();
    return log(Fixture.B).execute(sender.envelope(1));
  }

  private static Credits credits(int groups, int each) {
    List<CreditGroup> all = new ArrayList<>();
    for (int i = 0; i < groups; i++) {
      all.add(
          new CreditGroup(
              i == 0 ? Fixture.CZK.id() : Fixture.EUR.id(),
              i,
              Collections.nCopies(each, SMALLEST)));
    }
    return new Credits(all);
  }

  private int footprint(Credits credits) {
    Bytes payload = credits.encode();
    return payload.size() + program.messageFootprint(payload);
  }

  @Test
  void receivesAndAnswersWhatMayBeSentAndNothingMore() {
    int answered = 0;
    int refused = 0;
    for (int groups = 1; groups <= 2; groups++) {
      for (int each = 1; each <= 70; each++) {
        Credits credits = credits(groups, each);
        if (credits.encode().size() > Context.MAX_PAYLOAD_BYTES) {
          continue;
        }
        Machine.Result result = received(credits);
        if (footprint(credits) <= SystemRules.MAX_MESSAGE_FOOTPRINT_BYTES) {
          assertEquals(1, result.effects().orElseThrow().sends().size(), groups + "x" + each);
          answered++;
        } else {
          assertTrue(result.effects().isEmpty(), groups + "x" + each);
          refused++;
        }
      }
    }
    assertTrue(answered > 50 && refused > 10, answered + " answered, " + refused + " refused");
  }

  @Test
  void theFirstThatIsTooLargeWouldFitAReceive() {
    int each = 1;
    while (footprint(credits(1, each)) <= SystemRules.MAX_MESSAGE_FOOTPRINT_BYTES) {
      each++;
    }
    assertEquals(
        Optional.of("message_footprint_too_large"),
        received(credits(1, each)).violation().map(Violation::code));
  }
}
