package org.probity.demo;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.probity.detector.crypto.Statement;
import org.probity.ledger.client.OrderPlan;
import org.probity.ledger.client.PaymentOrder;
import org.probity.ledger.transaction.AccountId;
import org.probity.ledger.transaction.Amount;
import org.probity.ledger.transaction.Operation;
import org.probity.ledger.transaction.References;
import org.probity.node.cli.CliException;
import org.probity.node.cli.NodeApi;
import org.probity.node.http.api.SubmissionResult;

/**
 * Whom a culprit can cheat with, once all orders are settled: payers have nothing any more, payees
 * have what they were sent. All accounts of a bank answer to the bank's own key.
 */
final class Customers {
  private final Consortium consortium;
  private final List<PaymentOrder> orders;
  private final OrderPlan plan;

  Customers(Consortium consortium, List<PaymentOrder> orders) {
    this.consortium = consortium;
    this.orders = orders;
    this.plan = new OrderPlan(orders, consortium.nodes());
  }

  /** An account and what is in it. */
  record Money(AccountId account, long amountMinor) {
    /** With thousands set apart. */
    String amount() {
      return grouped(amountMinor);
    }
  }

  static String grouped(long amountMinor) {
    return String.format(Locale.ROOT, "%,d", amountMinor);
  }

  /** Who has been sent most at a node. */
  Money richestAt(String node) {
    SortedMap<AccountId, Long> received = new TreeMap<>();
    for (PaymentOrder order : orders) {
      if (plan.payeeNode(order).equals(node)) {
        received.merge(OrderPlan.payeeAccount(order), order.amountMinor(), Long::sum);
      }
    }
    return received.entrySet().stream()
        .max(Map.Entry.comparingByValue(Comparator.naturalOrder()))
        .map(entry -> new Money(entry.getKey(), entry.getValue()))
        .orElseThrow(() -> new IllegalStateException("nobody at " + node + " has money"));
  }

  /** Somebody at a node who has nothing. */
  AccountId poorAt(String node) {
    return plan.ordersOf(node).stream()
        .findFirst()
        .map(OrderPlan::payerAccount)
        .orElseThrow(() -> new IllegalStateException("nobody at " + node + " has paid"));
  }

  /** Somebody at a node who receives payments. */
  AccountId payeeAt(String node) {
    return orders.stream()
        .filter(order -> plan.payeeNode(order).equals(node))
        .findFirst()
        .map(OrderPlan::payeeAccount)
        .orElseThrow(() -> new IllegalStateException("no account at " + node));
  }

  /** The first bank that is none of these. */
  String bankOtherThan(String... nodes) {
    return consortium.nodes().stream()
        .filter(node -> !List.of(nodes).contains(node))
        .findFirst()
        .orElseThrow(() -> CliException.usage("more --nodes are needed"));
  }

  /** A payment to another bank. */
  static Operation remit(
      AccountId payer, String node, AccountId payee, long amountMinor, String reference) {
    return new Operation.Remit(
        payer, node, payee, Amount.of(amountMinor), References.endToEnd(reference));
  }

  /** Signed by a bank for its customers. */
  Statement sign(Bank bank, Operation... operations) {
    return new Payments(consortium.genesis().networkId())
        .sign(bank.node(), List.of(operations), bank.operator());
  }

  /** Has a bank record operations, which must be accepted. */
  SubmissionResult submit(Bank bank, Operation... operations) {
    return submit(bank.api(), bank, operations);
  }

  /** The same at one of several places where the bank's node runs. */
  SubmissionResult submit(NodeApi api, Bank bank, Operation... operations) {
    SubmissionResult result = api.submit(sign(bank, operations).encoded());
    if (!result.accepted()) {
      throw new IllegalStateException(bank.node() + " does not accept this: " + result.code());
    }
    return result;
  }
}
