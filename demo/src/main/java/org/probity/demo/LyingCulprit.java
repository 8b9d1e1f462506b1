package org.probity.demo;

import java.util.List;
import org.probity.ledger.client.PaymentOrder;
import org.probity.ledger.transaction.Amount;
import org.probity.ledger.transaction.Operation;
import org.probity.ledger.transaction.References;
import org.probity.node.http.api.SubmissionResult;

/** Tells a customer who has nothing that a payment was accepted. */
final class LyingCulprit extends BankCulprit {
  private static final long AMOUNT_MINOR = 100_000_000;

  LyingCulprit(Consortium consortium, Bank bank) {
    super(consortium, bank);
  }

  @Override
  void misbehave(List<PaymentOrder> orders, Progress progress) {
    Customers customers = new Customers(consortium, orders);
    SubmissionResult result =
        customers.submit(
            bank,
            new Operation.Transfer(
                customers.poorAt(bank.node()),
                customers.payeeAt(bank.node()),
                Amount.of(AMOUNT_MINOR),
                References.endToEnd("LIE")));
    progress.step(
        bank.node()
            + " tells a customer without money that a payment of 1,000,000.00 was accepted, moves"
            + " nothing, and records it as entry "
            + result.index().orElseThrow());
  }
}
