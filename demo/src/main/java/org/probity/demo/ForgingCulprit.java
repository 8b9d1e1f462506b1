package org.probity.demo;

import java.io.IOException;
import java.util.List;
import org.probity.detector.codec.Bytes;
import org.probity.ledger.client.PaymentOrder;
import org.probity.ledger.transaction.Amount;
import org.probity.ledger.transaction.Operation;
import org.probity.ledger.transaction.References;

/** Logs that its richest customer has paid a friend, with a signature that is none. */
final class ForgingCulprit extends BankCulprit {
  ForgingCulprit(Consortium consortium, Bank bank) {
    super(consortium, bank);
  }

  @Override
  void prepare() {}

  @Override
  void misbehave(List<PaymentOrder> orders, Progress progress) throws IOException {
    Customers customers = new Customers(consortium, orders);
    Customers.Money money = customers.richestAt(bank.node());
    byte[] statement =
        customers
            .sign(
                bank,
                new Operation.Transfer(
                    money.account(),
                    customers.poorAt(bank.node()),
                    Amount.of(money.amountMinor()),
                    References.endToEnd("FORGED")))
            .encoded()
            .toArray();
    // The signature comes last.
    statement[statement.length - 1] ^= 1;
    bank.trigger().give(Bytes.wrap(statement).toHex());
    progress.step(
        bank.node()
            + " logs that its richest customer has given "
            + money.amount()
            + " minor units to a friend, which the customer has not signed");
  }
}
