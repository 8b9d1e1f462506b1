package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.probity.ledger.client.OrderPlan;
import org.probity.ledger.client.PaymentOrders;
import org.probity.ledger.transaction.KeyPolicy;
import org.probity.ledger.transaction.Operation;
import org.probity.node.http.NodeHealth;

/** What a node says of itself when it cannot keep the log of a ward. */
@Timeout(120)
class NodeConditionTest {
  private static final long PATIENCE_NANOS = 60_000_000_000L;

  @TempDir Path directory;

  private static List<String> parts(NodeHealth health) {
    return health.warnings().stream().map(NodeHealth.Warning::name).toList();
  }

  @Test
  void aWardThatCannotBeKeptIsAWarningAndKeepsNoTransactionOut() throws Exception {
    try (TestBanks banks = new TestBanks(directory, 0, 1, "a", "b")) {
      banks.replicaMapBytes = 256 << 10;
      RunningNode node = banks.start("a");
      banks.replicaMapBytes = 64 << 20;
      banks.start("b");
      assertEquals(List.of(), parts(node.facade().health()));
      OrderPlan plan = new OrderPlan(PaymentOrders.generate(7, 20_000), List.of("a", "b"));
      KeyPolicy owner = KeyPolicy.single(banks.bankKey.publicKey().toBytes());
      List<Operation> openings = plan.openings("b", banks.crowns.id(), owner);
      for (int from = 0; from < 5_000; from += 500) {
        banks.submit("b", openings.subList(from, from + 500));
      }

      long deadline = System.nanoTime() + PATIENCE_NANOS;
      while (!parts(node.facade().health()).contains("log of b cannot be kept")) {
        assertTrue(System.nanoTime() < deadline, () -> parts(node.facade().health()).toString());
        Thread.onSpinWait();
      }

      NodeHealth health = node.facade().health();
      NodeHealth.Warning warning =
          health.warnings().stream()
              .filter(each -> each.name().equals("log of b cannot be kept"))
              .findFirst()
              .orElseThrow();
      assertTrue(warning.reason().startsWith("store_full: "), warning.reason());
      assertTrue(parts(health).contains("logs of wards"), parts(health).toString());
      assertTrue(health.ready());
      Ward ward = node.wards().iterator().next();
      assertTrue(ward.missing() > 0);
      assertTrue(ward.lag() >= ward.missing());
      assertFalse(
          banks.submit("a", plan.openings("a", banks.crowns.id(), owner).subList(0, 1)).isEmpty());
    }
  }
}
