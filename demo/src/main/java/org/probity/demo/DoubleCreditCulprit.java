package org.probity.demo;

import java.math.BigInteger;
import java.time.Duration;
import java.util.List;
import org.probity.ledger.client.PaymentOrder;
import org.probity.ledger.transaction.AccountId;
import org.probity.node.http.api.Polling;

/** Credits what a customer is paid by another bank twice; the customer pays the surplus on. */
final class DoubleCreditCulprit extends BankCulprit {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  DoubleCreditCulprit(Consortium consortium, Bank bank) {
    super(consortium, bank);
  }

  @Override
  void misbehave(List<PaymentOrder> orders, Progress progress) throws Exception {
    Customers customers = new Customers(consortium, orders);
    String payer = customers.bankOtherThan(bank.node());
    String victim = customers.bankOtherThan(bank.node(), payer);
    Customers.Money money = customers.richestAt(payer);
    AccountId customer = customers.poorAt(bank.node());
    customers.submit(
        consortium.bank(payer),
        Customers.remit(
            money.account(), bank.node(), customer, money.amountMinor(), "TO BE DOUBLED"));
    BigInteger doubled = BigInteger.valueOf(money.amountMinor()).shiftLeft(1);
    if (!Polling.LOCAL.await(PATIENCE, () -> balance(customer).equals(doubled))) {
      throw new IllegalStateException(
          "the customer has " + balance(customer) + " instead of " + doubled);
    }
    AccountId payee = customers.payeeAt(victim);
    steals(victim, payee, money.amountMinor());
    customers.submit(
        bank, Customers.remit(customer, victim, payee, money.amountMinor(), "SURPLUS"));
    progress.step(
        bank.node()
            + " credits "
            + money.amount()
            + " minor units from "
            + payer
            + " twice, and the customer pays the surplus to "
            + victim);
  }

  private BigInteger balance(AccountId account) {
    return new BigInteger(
        bank.api().getJson("/v1/accounts/" + account).path("balanceMinor").asText());
  }
}
