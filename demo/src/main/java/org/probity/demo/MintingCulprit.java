package org.probity.demo;

import java.util.List;
import org.probity.ledger.client.PaymentOrder;
import org.probity.ledger.transaction.AccountId;
import org.probity.ledger.transaction.Amount;
import org.probity.ledger.transaction.Operation;
import org.probity.ledger.transaction.References;
import org.probity.node.http.api.SubmissionResult;

/** Issues money in the issuer's name to a friend, who pays it to another bank. */
final class MintingCulprit extends BankCulprit {
  private static final long AMOUNT_MINOR = 50_000_000;

  MintingCulprit(Consortium consortium, Bank bank) {
    super(consortium, bank);
  }

  @Override
  void misbehave(List<PaymentOrder> orders, Progress progress) {
    Customers customers = new Customers(consortium, orders);
    String victim = customers.bankOtherThan(bank.node());
    AccountId payee = customers.payeeAt(victim);
    AccountId friend = customers.poorAt(bank.node());
    steals(victim, payee, AMOUNT_MINOR);
    SubmissionResult result =
        customers.submit(
            bank,
            new Operation.Issue(
                consortium.asset().id(),
                friend,
                Amount.of(AMOUNT_MINOR),
                References.endToEnd("MINT")),
            Customers.remit(friend, victim, payee, AMOUNT_MINOR, "MINT"));
    progress.step(
        bank.node()
            + " issues 500,000.00 to a friend without the issuer's signature, who pays it to "
            + victim
            + "; recorded as entry "
            + result.index().orElseThrow());
  }
}
