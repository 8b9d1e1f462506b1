package org.probity.demo;

import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import org.probity.detector.crypto.Statement;
import org.probity.ledger.client.OrderPlan;
import org.probity.ledger.client.PaymentOrder;
import org.probity.ledger.transaction.Amount;
import org.probity.ledger.transaction.Operation;
import org.probity.ledger.transaction.References;
import org.probity.node.http.api.SubmissionResult;

/** Has a customer without money pay a million to another bank. */
final class OverdraftCulprit extends Culprit {
  private static final long AMOUNT_MINOR = 100_000_000;

  private final Consortium consortium;
  private final Bank bank;
  private Optional<Theft> theft = Optional.empty();

  OverdraftCulprit(Consortium consortium, Bank bank) {
    this.consortium = consortium;
    this.bank = bank;
  }

  @Override
  Optional<String> node() {
    return Optional.of(bank.node());
  }

  @Override
  Optional<Theft> theft() {
    return theft;
  }

  @Override
  void prepare() throws java.io.IOException {
    Files.createFile(triggerFile(bank));
  }

  @Override
  void misbehave(List<PaymentOrder> orders, Progress progress) {
    OrderPlan plan = new OrderPlan(orders, consortium.nodes());
    PaymentOrder template =
        plan.ordersOf(bank.node()).stream()
            .filter(plan::isInterbank)
            .findFirst()
            .orElseThrow(
                () -> new IllegalStateException("no interbank order to copy at " + bank.node()));
    theft =
        Optional.of(
            new Theft(plan.payeeNode(template), OrderPlan.payeeAccount(template), AMOUNT_MINOR));
    Operation payment =
        new Operation.Remit(
            OrderPlan.payerAccount(template),
            plan.payeeNode(template),
            OrderPlan.payeeAccount(template),
            Amount.of(AMOUNT_MINOR),
            References.endToEnd("OVERDRAFT"));
    Statement statement =
        new Payments(consortium.genesis().networkId())
            .sign(bank.node(), List.of(payment), bank.operator());
    SubmissionResult result = bank.api().submit(statement.encoded());
    progress.step(
        bank.node()
            + " pays 1,000,000.00 out of an empty account to "
            + plan.payeeNode(template)
            + " and records it as entry "
            + result.index().orElseThrow()
            + ": "
            + result.outcome().orElseThrow());
  }
}
