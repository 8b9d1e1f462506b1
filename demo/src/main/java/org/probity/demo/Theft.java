package org.probity.demo;

import java.math.BigInteger;
import java.util.List;
import org.probity.detector.state.StateView;
import org.probity.ledger.client.OrderPlan;
import org.probity.ledger.client.PaymentOrder;
import org.probity.ledger.program.LedgerReader;
import org.probity.ledger.transaction.AccountId;

/**
 * Money that a culprit makes up and sends to somebody's account at a correct bank.
 *
 * @param node of that bank
 * @param payee the account, which otherwise only receives what was ordered
 * @param amountMinor how much is made up
 */
record Theft(String node, AccountId payee, long amountMinor) {

  /**
   * How much of it arrived: what the payee received beyond all orders.
   *
   * @param state of the payee's bank, as replayed from a witness's copy of its log
   */
  BigInteger taken(StateView state, List<PaymentOrder> orders) {
    BigInteger ordered =
        orders.stream()
            .filter(order -> OrderPlan.payeeAccount(order).equals(payee))
            .map(order -> BigInteger.valueOf(order.amountMinor()))
            .reduce(BigInteger.ZERO, BigInteger::add);
    return new LedgerReader(state)
        .account(payee)
        .map(account -> account.creditsPosted().toBigInteger().subtract(ordered))
        .orElse(BigInteger.ZERO);
  }
}
