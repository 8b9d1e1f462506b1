package org.probity.ledger.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.probity.ledger.Fixture.by;
import static org.probity.ledger.Fixture.operator;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.probity.detector.TestData;
import org.probity.ledger.Fixture;
import org.probity.ledger.MemoryNetwork;
import org.probity.ledger.audit.Sums;
import org.probity.ledger.program.Account;
import org.probity.ledger.transaction.AssetId;
import org.probity.ledger.transaction.KeyPolicy;
import org.probity.ledger.transaction.Operation;
import org.probity.ledger.transaction.Outcome;

/** Orders placed on nodes and paid to the last haler. */
class OrderPlanTest {
  private static final List<String> NODES =
      List.of("bank-0", "bank-1", "bank-2", "bank-3", "bank-4");
  private static final AssetId CZK = Fixture.CZK.id();

  @Test
  void placesAccountsByRemainderAndRank() {
    OrderPlan plan =
        new OrderPlan(
            List.of(
                new PaymentOrder(1, 7, "YZ", "1", 100, ""),
                new PaymentOrder(2, 5, "AB", "1", 50, ""),
                new PaymentOrder(3, 7, "CD", "2", 1, "")),
            List.of("x", "y", "z"));
    assertEquals(List.of("y", "z", "y"), plan.orders().stream().map(plan::payerNode).toList());
    assertEquals(List.of("z", "x", "y"), plan.orders().stream().map(plan::payeeNode).toList());
    assertEquals(2, plan.interbankCount());
    assertEquals(151, plan.totalMinor());
    assertEquals(1, plan.issues("y", CZK, 3).size());
  }

  @Test
  void paysGeneratedOrdersExactly() {
    payAll(PaymentOrders.generate(7, 600), 2, new SplittableRandom(7));
  }

  @Test
  void paysTheRealOrdersExactly() throws IOException {
    Sums sums =
        payAll(
            PaymentOrders.read(TestData.path("pkdd99/order.csv")), 1, new SplittableRandom(1999));
    assertEquals(2_122_899_360L, sums.issuedMinor().longValueExact());
  }

  /** Issues, pays in chunks with messages arriving in between, and checks every account. */
  private static Sums payAll(List<PaymentOrder> orders, int rounds, SplittableRandom random) {
    OrderPlan plan = new OrderPlan(orders, NODES);
    MemoryNetwork network = new MemoryNetwork(Fixture.parameters(NODES), NODES);
    KeyPolicy owner = Fixture.policy(1, "bank");
    for (String node : NODES) {
      submitAll(network, node, by(operator(node)), plan.openings(node, CZK, owner));
      submitAll(network, node, by("issuer"), plan.issues(node, CZK, rounds));
    }
    for (int round = 1; round <= rounds; round++) {
      for (String node : NODES) {
        submitAll(network, node, by("bank"), plan.payments(node, round));
        while (!network.quiet() && random.nextInt(4) > 0) {
          network.deliverOne(random);
        }
        assertTrue(network.books().sums(CZK).clean());
      }
    }
    network.deliverAll();
    assertEveryAccount(network, plan, rounds);
    Sums sums = network.books().sums(CZK);
    assertTrue(sums.clean(), sums::toString);
    assertEquals(plan.totalMinor() * rounds, sums.balancesMinor().longValueExact());
    assertEquals(0, sums.inFlightMinor().signum());
    return sums;
  }

  private static void assertEveryAccount(MemoryNetwork network, OrderPlan plan, int rounds) {
    Map<String, Long> expected = new TreeMap<>();
    for (PaymentOrder order : plan.orders()) {
      expected.put(plan.payerNode(order) + " " + OrderPlan.payerAccount(order), 0L);
      expected.merge(
          plan.payeeNode(order) + " " + OrderPlan.payeeAccount(order),
          order.amountMinor() * rounds,
          Long::sum);
    }
    Map<String, Long> actual = new TreeMap<>();
    for (String node : NODES) {
      network
          .reader(node)
          .forEachAccount(named -> actual.put(node + " " + named.id(), spendable(named.account())));
    }
    assertEquals(expected, actual);
  }

  private static long spendable(Account account) {
    return account
        .creditsPosted()
        .subtractExact(account.debitsPosted())
        .subtractExact(account.debitsPending())
        .longValueExact();
  }

  private static void submitAll(
      MemoryNetwork network, String node, List<String> signers, List<Operation> operations) {
    List<Outcome> failures = new ArrayList<>();
    for (List<Operation> part : TransactionDraft.split(operations, 200, 1)) {
      Outcome outcome = network.submit(node, signers, part);
      if (!outcome.accepted()) {
        failures.add(outcome);
      }
    }
    assertEquals(List.of(), failures);
  }
}
