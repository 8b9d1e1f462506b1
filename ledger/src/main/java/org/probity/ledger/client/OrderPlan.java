package org.probity.ledger.client;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.probity.ledger.transaction.AccountFlags;
import org.probity.ledger.transaction.AccountId;
import org.probity.ledger.transaction.Amount;
import org.probity.ledger.transaction.AssetDefinition;
import org.probity.ledger.transaction.AssetId;
import org.probity.ledger.transaction.KeyPolicy;
import org.probity.ledger.transaction.Operation;
import org.probity.ledger.transaction.References;

/**
 * Payment orders placed on the nodes of a consortium, as operations.
 *
 * <p>With N nodes, numbered from 0 in the order given, the paying account is at home on node {@code
 * account_id mod N} and the payee on node {@code rank of bank_to mod N}, where the rank counts from
 * 0 in the alphabetical order of the banks that occur. Each payer is issued exactly what its orders
 * sum to, so that at the end every payer has nothing and every payee what it was sent.
 */
public final class OrderPlan {
  private final List<PaymentOrder> orders;
  private final List<String> nodes;
  private final SortedMap<String, Integer> bankRanks = new TreeMap<>();
  private final SortedMap<Long, Long> totalsByPayer = new TreeMap<>();

  public OrderPlan(List<PaymentOrder> orders, List<String> nodes) {
    if (nodes.isEmpty()) {
      throw new IllegalArgumentException("orders need at least one node");
    }
    this.orders = List.copyOf(orders);
    this.nodes = List.copyOf(nodes);
    SortedSet<String> banks = new TreeSet<>();
    for (PaymentOrder order : orders) {
      banks.add(order.bankTo());
      totalsByPayer.merge(order.accountId(), order.amountMinor(), Math::addExact);
    }
    for (String bank : banks) {
      bankRanks.put(bank, bankRanks.size());
    }
  }

  /** The asset of the orders: crowns with two decimals. */
  public static AssetDefinition crowns(KeyPolicy issuer) {
    return new AssetDefinition("CZK", 2, issuer, 0);
  }

  public static AccountId payerAccount(PaymentOrder order) {
    return payerAccount(order.accountId());
  }

  private static AccountId payerAccount(long accountId) {
    return AccountId.named("payer/" + accountId);
  }

  public static AccountId payeeAccount(PaymentOrder order) {
    return AccountId.named("payee/" + order.bankTo() + "/" + order.accountTo());
  }

  public String payerNode(PaymentOrder order) {
    return payerNode(order.accountId());
  }

  private String payerNode(long accountId) {
    return nodes.get((int) (accountId % nodes.size()));
  }

  public String payeeNode(PaymentOrder order) {
    return nodes.get(bankRanks.getOrDefault(order.bankTo(), 0) % nodes.size());
  }

  public boolean isInterbank(PaymentOrder order) {
    return !payerNode(order).equals(payeeNode(order));
  }

  public List<PaymentOrder> orders() {
    return orders;
  }

  /** The orders whose payer is at home on the node, in the order of the file. */
  public List<PaymentOrder> ordersOf(String node) {
    return orders.stream().filter(order -> payerNode(order).equals(node)).toList();
  }

  public long interbankCount() {
    return orders.stream().filter(this::isInterbank).count();
  }

  /** Of one round; throws ArithmeticException above {@code Long.MAX_VALUE}. */
  public long totalMinor() {
    long total = 0;
    for (long amount : totalsByPayer.values()) {
      total = Math.addExact(total, amount);
    }
    return total;
  }

  /** Opens all payers' and payees' accounts that are at home on the node, without overdraft. */
  public List<Operation> openings(String node, AssetId asset, KeyPolicy owner) {
    SortedSet<AccountId> accounts = new TreeSet<>();
    for (PaymentOrder order : orders) {
      if (payerNode(order).equals(node)) {
        accounts.add(payerAccount(order));
      }
      if (payeeNode(order).equals(node)) {
        accounts.add(payeeAccount(order));
      }
    }
    List<Operation> operations = new ArrayList<>(accounts.size());
    for (AccountId account : accounts) {
      operations.add(
          new Operation.OpenAccount(
              account, asset, owner, AccountFlags.DEBITS_MUST_NOT_EXCEED_CREDITS));
    }
    return operations;
  }

  /** Issues to each payer of the node what its orders sum to, times {@code rounds}. */
  public List<Operation> issues(String node, AssetId asset, int rounds) {
    List<Operation> operations = new ArrayList<>();
    totalsByPayer.forEach(
        (accountId, total) -> {
          if (payerNode(accountId).equals(node)) {
            operations.add(
                new Operation.Issue(
                    asset,
                    payerAccount(accountId),
                    Amount.of(Math.multiplyExact(total, (long) rounds)),
                    References.NONE));
          }
        });
    return operations;
  }

  /** The payments of the node's payers in one round, in the order of the file. */
  public List<Operation> payments(String node, int round) {
    List<Operation> operations = new ArrayList<>();
    for (PaymentOrder order : ordersOf(node)) {
      operations.add(payment(order, round));
    }
    return operations;
  }

  /** The operation that pays one order; its reference names order and round. */
  public Operation payment(PaymentOrder order, int round) {
    AccountId payer = payerAccount(order);
    AccountId payee = payeeAccount(order);
    Amount amount = Amount.of(order.amountMinor());
    References references = References.endToEnd("ORDER-" + order.orderId() + "/" + round);
    return isInterbank(order)
        ? new Operation.Remit(payer, payeeNode(order), payee, amount, references)
        : new Operation.Transfer(payer, payee, amount, references);
  }
}
