package org.probity.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.probity.demo.fault.ForkingNode;
import org.probity.ledger.client.PaymentOrder;
import org.probity.ledger.transaction.AccountId;
import org.probity.node.cli.CliException;
import org.probity.node.cli.NodeApi;
import org.probity.node.http.api.Polling;

/**
 * Spends one customer's money twice: in the history that the witnesses see, and in another one that
 * only a bank sees which is not among the witnesses.
 */
final class ForkCulprit extends BankCulprit {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private Optional<JsonNode> branches = Optional.empty();

  ForkCulprit(Consortium consortium, Bank bank) {
    super(consortium, bank);
  }

  /** A bank that does not witness the culprit, so that it cannot notice by itself. */
  private String victim() {
    List<String> witnesses = consortium.witnessesOf(bank.node());
    return consortium.nodes().stream()
        .filter(node -> !node.equals(bank.node()) && !witnesses.contains(node))
        .findFirst()
        .orElseThrow(
            () ->
                CliException.usage("every other bank witnesses " + bank.node() + ": more --nodes"));
  }

  @Override
  void prepare() throws IOException, InterruptedException {
    bank.trigger().give(victim());
    Path forked = bank.folder().resolve(ForkingNode.FORKED_FILE);
    if (!Polling.LOCAL.await(PATIENCE, () -> Files.exists(forked))) {
      throw new IOException(bank.node() + " did not fork; see " + bank.folder());
    }
    branches = Optional.of(JSON.readTree(forked.toFile()));
  }

  @Override
  void misbehave(List<PaymentOrder> orders, Progress progress) {
    Customers customers = new Customers(consortium, orders);
    Customers.Money money = customers.richestAt(bank.node());
    String victim = victim();
    String other = customers.bankOtherThan(bank.node(), victim);
    AccountId payee = customers.payeeAt(victim);
    steals(victim, payee, money.amountMinor());
    customers.submit(
        api("hiddenUrl"),
        bank,
        Customers.remit(money.account(), victim, payee, money.amountMinor(), "TWICE"));
    customers.submit(
        api("shownUrl"),
        bank,
        Customers.remit(
            money.account(), other, customers.payeeAt(other), money.amountMinor(), "TWICE"));
    progress.step(
        bank.node()
            + " spends the same "
            + money.amount()
            + " minor units twice: towards "
            + victim
            + " in one history, towards "
            + other
            + " in the one its witnesses see");
  }

  private NodeApi api(String field) {
    return NodeApi.at(branches.orElseThrow().path(field).asText(), consortium.trust())
        .pinnedTo(bank.node());
  }
}
