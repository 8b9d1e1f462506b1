package org.probity.demo;

import java.io.IOException;
import java.util.List;
import org.probity.detector.crypto.Statement;
import org.probity.ledger.client.ClientIds;
import org.probity.ledger.client.PaymentOrder;
import org.probity.ledger.client.Submitter;
import org.probity.ledger.client.TransactionDraft;
import org.probity.ledger.transaction.Amount;
import org.probity.ledger.transaction.Operation;
import org.probity.ledger.transaction.References;
import org.probity.node.cli.CliException;

/** Does not take what its richest customer submits, who turns to a witness. */
final class CensoringCulprit extends BankCulprit {
  private static final long VALID_MILLIS = 60 * 60 * 1000L;

  CensoringCulprit(Consortium consortium, Bank bank) {
    super(consortium, bank);
  }

  @Override
  void prepare() {}

  @Override
  void misbehave(List<PaymentOrder> orders, Progress progress) throws IOException {
    Customers customers = new Customers(consortium, orders);
    Customers.Money money = customers.richestAt(bank.node());
    bank.trigger().give(money.account().value().toHex());
    Statement statement =
        new TransactionDraft(
                consortium.genesis().networkId(), bank.node(), Submitter.account(money.account()))
            .add(
                new Operation.Transfer(
                    money.account(),
                    customers.poorAt(bank.node()),
                    Amount.ONE,
                    References.endToEnd("CENSORED")))
            .sign(
                ClientIds.random().next(System.currentTimeMillis() + VALID_MILLIS),
                List.of(bank.operator()));
    String refusal = refusal(statement);
    String witness = consortium.witnessesOf(bank.node()).get(0);
    consortium.bank(witness).api().handOver(statement.encoded());
    progress.step(
        bank.node()
            + " does not take a customer's payment ("
            + refusal
            + "); the customer hands it to "
            + witness
            + ", a witness");
  }

  private String refusal(Statement statement) {
    try {
      bank.api().submit(statement.encoded());
    } catch (CliException e) {
      return e.code();
    }
    throw new IllegalStateException(bank.node() + " has taken the payment");
  }

  @Override
  boolean relent() throws IOException {
    bank.trigger().end();
    return true;
  }
}
