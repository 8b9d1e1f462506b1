package org.probity.ledger.program;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Uint128;
import org.probity.ledger.transaction.ResultCode;
import org.probity.ledger.transaction.SettlementMessage.Credit;
import org.probity.ledger.transaction.SettlementMessage.CreditGroup;
import org.probity.ledger.transaction.SettlementMessage.Credits;
import org.probity.ledger.transaction.SettlementMessage.ResultGroup;
import org.probity.ledger.transaction.SettlementMessage.Results;

/**
 * What messages of another node do. A message is taken whole or, if any part of it makes no sense,
 * ignored whole: a correct node never sends one, and a faulty one must not move money by it.
 */
final class SettlementRules {
  private final WorkingSet state;
  private final String from;

  SettlementRules(WorkingSet state, String from) {
    this.state = state;
    this.from = from;
  }

  /** Credits or refuses each; returns the answer to send, or null if the message makes no sense. */
  @Nullable Results credit(Credits message) {
    List<ResultGroup> answer = new ArrayList<>();
    for (CreditGroup group : message.groups()) {
      List<ResultCode> codes = credit(group);
      if (codes == null) {
        return null;
      }
      answer.add(new ResultGroup(group.asset(), group.first(), codes));
    }
    return new Results(answer);
  }

  private @Nullable List<ResultCode> credit(CreditGroup group) {
    Settlement settlement = state.settlement(group.asset(), from);
    // Exactly once: the channel delivers in order, the number proves it to us again.
    if (group.first() != settlement.nextIncoming()) {
      return null;
    }
    List<ResultCode> codes = new ArrayList<>(group.credits().size());
    for (Credit credit : group.credits()) {
      Uint128 amount = credit.amountMinor().toUint128();
      if (amount.isZero() || !settlement.canReceive(amount)) {
        return null;
      }
      Account payee = state.account(credit.payee());
      ResultCode code = TransactionRules.creditFault(payee, group.asset(), amount);
      if (payee != null && code == ResultCode.OK) {
        state.putAccount(credit.payee(), payee.credit(amount));
        settlement = settlement.receive(amount);
      } else {
        settlement = settlement.refuse(amount);
      }
      codes.add(code);
    }
    state.putSettlement(group.asset(), from, settlement);
    return codes;
  }

  /** Posts or voids what was pending; returns whether the message made sense. */
  boolean conclude(Results message) {
    for (ResultGroup group : message.groups()) {
      PendingGroup pending = state.pending(group.asset(), from, group.first());
      if (pending == null || pending.remittances().size() != group.codes().size()) {
        return false;
      }
      conclude(group, pending);
    }
    return true;
  }

  private void conclude(ResultGroup group, PendingGroup pending) {
    Settlement settlement = state.settlement(group.asset(), from);
    for (int i = 0; i < group.codes().size(); i++) {
      // Who and how much is what our own record says; the peer only says yes or no.
      PendingGroup.Remittance remittance = pending.remittances().get(i);
      Uint128 amount = remittance.amountMinor().toUint128();
      Account payer = state.knownAccount(remittance.payer());
      if (group.codes().get(i) == ResultCode.OK) {
        state.putAccount(remittance.payer(), payer.postDebit(amount));
        settlement = settlement.settle(amount);
      } else {
        state.putAccount(remittance.payer(), payer.voidDebit(amount));
        settlement = settlement.bookReturn(amount);
      }
    }
    state.putSettlement(group.asset(), from, settlement);
    state.removePending(group.asset(), from, group.first());
  }
}
