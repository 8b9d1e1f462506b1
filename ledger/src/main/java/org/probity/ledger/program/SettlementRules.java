package org.probity.ledger.program;

import java.util.ArrayList;
import java.util.Collections;
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
 * What messages of another node do, and ours to it that come back. A message is taken whole or, if
 * any part of it makes no sense, ignored whole: a correct node never sends one, and a faulty one
 * must not move money by it.
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
    if (group.credits().stream().anyMatch(credit -> credit.amountMinor().isZero())) {
      return null;
    }
    if (state.asset(group.asset()) == null) {
      // Not a row, or a faulty peer could fill our state with assets that it makes up.
      return Collections.nCopies(group.credits().size(), ResultCode.ASSET_NOT_FOUND);
    }
    Settlement settlement = state.settlement(group.asset(), from);
    if (!settlement.continuesWith(group.first())) {
      return null;
    }
    settlement = settlement.startingAt(group.first());
    List<ResultCode> codes = new ArrayList<>(group.credits().size());
    for (Credit credit : group.credits()) {
      Uint128 amount = credit.amountMinor().toUint128();
      if (!settlement.canReceive(amount)) {
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
      if (isUndone(group) && !group.codes().stream().allMatch(SettlementRules::isUnknownAsset)) {
        return false;
      }
      conclude(group, pending);
    }
    return true;
  }

  /** Voids what these credits left pending; nobody has taken them in. */
  void takeBack(Credits message) {
    for (CreditGroup group : message.groups()) {
      PendingGroup pending = state.pending(group.asset(), from, group.first());
      if (pending == null || pending.remittances().size() != group.credits().size()) {
        continue;
      }
      Settlement settlement = state.settlement(group.asset(), from);
      for (PendingGroup.Remittance remittance : pending.remittances()) {
        Uint128 amount = remittance.amountMinor().toUint128();
        Account payer = state.knownAccount(remittance.payer());
        state.putAccount(remittance.payer(), payer.voidDebit(amount));
        settlement = settlement.undo(amount);
      }
      state.putSettlement(group.asset(), from, settlement);
      state.removePending(group.asset(), from, group.first());
    }
  }

  /**
   * The credits of a group are in one asset: the other node knows it for all of them or for none.
   */
  private static boolean isUndone(ResultGroup group) {
    return group.codes().stream().anyMatch(SettlementRules::isUnknownAsset);
  }

  private static boolean isUnknownAsset(ResultCode code) {
    return code == ResultCode.ASSET_NOT_FOUND;
  }

  private void conclude(ResultGroup group, PendingGroup pending) {
    Settlement settlement = state.settlement(group.asset(), from);
    boolean undone = isUndone(group);
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
        settlement = undone ? settlement.undo(amount) : settlement.bookReturn(amount);
      }
    }
    if (!undone) {
      settlement = settlement.takenUpTo(group.first() + group.codes().size());
    }
    state.putSettlement(group.asset(), from, settlement);
    state.removePending(group.asset(), from, group.first());
  }
}
