package org.probity.demo;

import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Statement;
import org.probity.ledger.client.ClientIds;
import org.probity.ledger.client.PaymentOrder;
import org.probity.ledger.client.Submitter;
import org.probity.ledger.client.TransactionDraft;
import org.probity.ledger.client.WitnessHandOver;
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
    String witnesses = handOver(statement);
    progress.step(
        bank.node()
            + " does not take a customer's payment ("
            + refusal
            + "); the customer hands it to the witnesses of "
            + bank.node()
            + ", and these ask for it with a challenge: "
            + (witnesses.isEmpty() ? "none" : witnesses));
  }

  /** Those of them who ask for it now. */
  private String handOver(Statement statement) {
    try {
      WitnessHandOver.Handing handing =
          new WitnessHandOver(consortium.genesis(), consortium.link()).handOver(statement);
      return handing.answers().stream()
          .filter(answer -> answer.asked().isPresent())
          .map(WitnessHandOver.Handed::witness)
          .collect(Collectors.joining(", "));
    } catch (DecodeException e) {
      throw new IllegalStateException("it was signed here", e);
    }
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
