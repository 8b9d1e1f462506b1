package org.probity.demo;

import java.util.List;
import org.probity.ledger.client.PaymentOrder;
import org.probity.ledger.transaction.AccountId;
import org.probity.node.http.api.SubmissionResult;

/** Has a customer without money pay a million to another bank. */
final class OverdraftCulprit extends BankCulprit {
  private static final long AMOUNT_MINOR = 100_000_000;

  OverdraftCulprit(Consortium consortium, Bank bank) {
    super(consortium, bank);
  }

  @Override
  void misbehave(List<PaymentOrder> orders, Progress progress) {
    Customers customers = new Customers(consortium, orders);
    String victim = customers.bankOtherThan(bank.node());
    AccountId payee = customers.payeeAt(victim);
    steals(victim, payee, AMOUNT_MINOR);
    SubmissionResult result =
        customers.submit(
            bank,
            Customers.remit(
                customers.poorAt(bank.node()), victim, payee, AMOUNT_MINOR, "OVERDRAFT"));
    progress.step(
        bank.node()
            + " pays 1,000,000.00 out of an empty account to "
            + victim
            + " and records it as entry "
            + result.index().orElseThrow()
            + ": "
            + result.outcome().orElseThrow());
  }
}
