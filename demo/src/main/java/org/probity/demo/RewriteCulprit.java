package org.probity.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import org.probity.demo.fault.RewritingNode;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.ledger.client.PaymentOrder;
import org.probity.ledger.client.WitnessHandOver;
import org.probity.ledger.transaction.Amount;
import org.probity.ledger.transaction.Operation;
import org.probity.ledger.transaction.References;
import org.probity.node.cli.NodeApi;
import org.probity.node.http.api.Polling;
import org.probity.node.http.api.SubmissionResult;

/**
 * Pays, and then goes back to before the payment: its log takes another course, in which the payer
 * still has the money.
 */
final class RewriteCulprit extends BankCulprit {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  RewriteCulprit(Consortium consortium, Bank bank) {
    super(consortium, bank);
  }

  @Override
  void prepare() throws Exception {
    super.prepare();
    await(RewritingNode.KEPT_FILE);
  }

  private void await(String file) throws IOException, InterruptedException {
    if (!Polling.LOCAL.await(PATIENCE, () -> Files.exists(bank.folder().resolve(file)))) {
      throw new IOException(bank.node() + " has not " + file + " its store; see " + bank.folder());
    }
  }

  @Override
  void misbehave(List<PaymentOrder> orders, Progress progress) throws Exception {
    Customers customers = new Customers(consortium, orders);
    Customers.Money money = customers.richestAt(bank.node());
    String victim = customers.bankOtherThan(bank.node());
    SubmissionResult first =
        customers.submit(
            bank,
            Customers.remit(
                money.account(),
                victim,
                customers.payeeAt(victim),
                money.amountMinor(),
                "TO BE FORGOTTEN"));
    SortedMap<String, NodeApi> everybody = new TreeMap<>();
    consortium.banks().forEach(one -> everybody.put(one.node(), one.api()));
    new Replicas(consortium).await(PATIENCE, everybody);
    Files.createFile(bank.folder().resolve(RewritingNode.REWRITE_FILE));
    await(RewritingNode.REWRITTEN_FILE);
    SubmissionResult second =
        customers.submit(
            bank,
            new Operation.Transfer(
                money.account(),
                customers.poorAt(bank.node()),
                Amount.of(money.amountMinor()),
                References.endToEnd("ONCE MORE")));
    progress.step(
        bank.node()
            + " pays "
            + money.amount()
            + " minor units to "
            + victim
            + " as entry "
            + first.index().orElseThrow()
            + ", forgets it, and has the customer spend the money again as entry "
            + second.index().orElseThrow());
    show(second.index().orElseThrow(), progress);
  }

  /** The customer has a receipt, and shows it to witnesses. */
  private void show(long index, Progress progress) {
    WitnessHandOver.Showing shown;
    try {
      shown =
          new WitnessHandOver(consortium.genesis(), consortium.link())
              .show(Bytes.wrap(bank.api().get("/v1/transactions/" + index + "/receipt")));
    } catch (DecodeException e) {
      throw new IllegalStateException(bank.node() + " gives no receipt", e);
    }
    for (WitnessHandOver.Answer answer : shown.answers()) {
      progress.step(
          "the customer shows the receipt to "
              + answer.witness()
              + ", which says: "
              + answer
                  .comparison()
                  .map(comparison -> comparison.name().toLowerCase(Locale.ROOT))
                  .orElse(answer.trouble()));
    }
  }
}
