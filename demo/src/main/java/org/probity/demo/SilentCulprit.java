package org.probity.demo;

import java.io.IOException;
import java.util.List;
import org.probity.ledger.client.PaymentOrder;

/** Does not acknowledge what another bank's customer pays to one of its own. */
final class SilentCulprit extends BankCulprit {
  SilentCulprit(Consortium consortium, Bank bank) {
    super(consortium, bank);
  }

  @Override
  void misbehave(List<PaymentOrder> orders, Progress progress) {
    Customers customers = new Customers(consortium, orders);
    String payer = customers.bankOtherThan(bank.node());
    Customers.Money money = customers.richestAt(payer);
    customers.submit(
        consortium.bank(payer),
        Customers.remit(
            money.account(),
            bank.node(),
            customers.payeeAt(bank.node()),
            money.amountMinor(),
            "UNANSWERED"));
    progress.step(
        payer
            + " sends "
            + money.amount()
            + " minor units to a customer of "
            + bank.node()
            + ", which does not acknowledge it");
  }

  @Override
  boolean relent() throws IOException {
    bank.trigger().end();
    return true;
  }
}
