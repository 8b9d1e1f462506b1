package org.probity.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.probity.demo.fault.ForkingNode;
import org.probity.detector.crypto.Statement;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Seats;
import org.probity.ledger.client.OrderPlan;
import org.probity.ledger.client.PaymentOrder;
import org.probity.ledger.transaction.AccountId;
import org.probity.ledger.transaction.Amount;
import org.probity.ledger.transaction.Operation;
import org.probity.ledger.transaction.References;
import org.probity.node.cli.CliException;
import org.probity.node.cli.NodeApi;
import org.probity.node.http.api.Polling;
import org.probity.node.http.api.SubmissionResult;

/**
 * Spends one customer's money twice: in the history that the witnesses see, and in another one that
 * only a bank sees which is not among the witnesses.
 */
final class ForkCulprit extends Culprit {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Consortium consortium;
  private final Bank bank;
  private Optional<Theft> theft = Optional.empty();
  private Optional<JsonNode> branches = Optional.empty();

  ForkCulprit(Consortium consortium, Bank bank) {
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

  /** A bank that does not witness the culprit, so that it cannot notice by itself. */
  private String victim() {
    List<String> witnesses =
        Seats.witnessesOf(
                bank.node(),
                0,
                consortium.genesis().parameters().witnesses(),
                consortium.genesis().nodes())
            .stream()
            .map(NodeRecord::node)
            .toList();
    return consortium.nodes().stream()
        .filter(node -> !node.equals(bank.node()) && !witnesses.contains(node))
        .findFirst()
        .orElseThrow(
            () ->
                CliException.usage("every other bank witnesses " + bank.node() + ": more --nodes"));
  }

  @Override
  void prepare() throws IOException, InterruptedException {
    Files.writeString(triggerFile(bank), victim());
    Path forked = bank.folder().resolve(ForkingNode.FORKED_FILE);
    boolean decided =
        Polling.LOCAL.await(PATIENCE, () -> Files.exists(forked) || !bank.process().isAlive());
    if (!decided || !Files.exists(forked)) {
      throw new IOException(bank.node() + " did not fork; see " + bank.folder());
    }
    branches = Optional.of(JSON.readTree(forked.toFile()));
  }

  @Override
  void misbehave(List<PaymentOrder> orders, Progress progress) {
    OrderPlan plan = new OrderPlan(orders, consortium.nodes());
    Map<AccountId, Long> received = new TreeMap<>();
    for (PaymentOrder order : orders) {
      if (plan.payeeNode(order).equals(bank.node())) {
        received.merge(OrderPlan.payeeAccount(order), order.amountMinor(), Long::sum);
      }
    }
    Map.Entry<AccountId, Long> richest =
        received.entrySet().stream()
            .max(Map.Entry.comparingByValue(Comparator.naturalOrder()))
            .orElseThrow(
                () -> new IllegalStateException("nobody at " + bank.node() + " has money"));
    long amountMinor = richest.getValue();
    String victim = victim();
    AccountId payee = account(plan, orders, victim);
    theft = Optional.of(new Theft(victim, payee, amountMinor));
    String other =
        consortium.nodes().stream()
            .filter(node -> !node.equals(bank.node()) && !node.equals(victim))
            .findFirst()
            .orElseThrow();
    JsonNode urls = branches.orElseThrow();
    pay(api(urls, "hiddenUrl"), richest.getKey(), victim, payee, amountMinor);
    pay(api(urls, "shownUrl"), richest.getKey(), other, account(plan, orders, other), amountMinor);
    progress.step(
        bank.node()
            + " spends the same "
            + String.format(Locale.ROOT, "%,d", amountMinor)
            + " minor units twice: towards "
            + victim
            + " in one history, towards "
            + other
            + " in the one its witnesses see");
  }

  private NodeApi api(JsonNode urls, String field) {
    return NodeApi.at(urls.path(field).asText(), consortium.trust()).pinnedTo(bank.node());
  }

  private static AccountId account(OrderPlan plan, List<PaymentOrder> orders, String node) {
    return orders.stream()
        .filter(order -> plan.payeeNode(order).equals(node))
        .findFirst()
        .map(OrderPlan::payeeAccount)
        .orElseThrow(() -> new IllegalStateException("no account at " + node));
  }

  private void pay(NodeApi api, AccountId payer, String node, AccountId payee, long amountMinor) {
    Operation payment =
        new Operation.Remit(
            payer, node, payee, Amount.of(amountMinor), References.endToEnd("TWICE"));
    Statement statement =
        new Payments(consortium.genesis().networkId())
            .sign(bank.node(), List.of(payment), bank.operator());
    SubmissionResult result = api.submit(statement.encoded());
    if (!result.accepted()) {
      throw new IllegalStateException("the culprit's own payment failed: " + result.code());
    }
  }
}
