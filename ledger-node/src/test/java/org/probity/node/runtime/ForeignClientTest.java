package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.ledger.client.OrderPlan;
import org.probity.ledger.client.PaymentOrders;
import org.probity.ledger.transaction.KeyPolicy;
import org.probity.node.http.NodeInfo;
import org.probity.node.http.SubmissionReply;
import org.probity.node.http.api.Polling;
import org.probity.node.testing.LogChecker;

/**
 * Every node's log verifies, over HTTP, with tools that know only C2SP formats: Go's transparency
 * log packages, on running nodes with real stores, at the node itself and at its witness.
 */
@Timeout(180)
class ForeignClientTest {
  @TempDir private Path directory;

  @Test
  void agreesWithLogsReceiptsAndReplicasOfRunningNodes() throws Exception {
    LogChecker built = LogChecker.build(directory);
    List<String> names = List.of("a", "b");
    try (TestBanks banks = new TestBanks(directory.resolve("banks"), 0, 1, "a", "b")) {
      LogChecker checker = built.trusting(banks.authority());
      for (String name : names) {
        banks.start(name);
      }
      OrderPlan plan = new OrderPlan(PaymentOrders.generate(7, 600), names);
      List<SubmissionReply> payments = new ArrayList<>();
      for (String name : names) {
        KeyPolicy owner = KeyPolicy.single(banks.bankKey.publicKey().toBytes());
        banks.submit(name, plan.openings(name, banks.crowns.id(), owner));
        banks.submit(name, plan.issues(name, banks.crowns.id(), 1));
      }
      for (String name : names) {
        List<SubmissionReply> replies = banks.submit(name, plan.payments(name, 0));
        if (name.equals("a")) {
          payments.addAll(replies);
        }
      }

      for (String name : names) {
        RunningNode node = banks.node(name);
        assertAgrees(
            check(
                checker,
                node.urls().log().toString(),
                node.identity(),
                receipts(name, node, payments)));
      }

      // What a witness holds of a's log is a log under the same key.
      NodeInfo a = banks.node("a").identity();
      Hash origin = Hash.sha256(Bytes.utf8(a.origin()).unsafeArray());
      Progress.await(banks.node("b"), "a", ward -> ward.stored().size() > 1);
      assertAgrees(
          check(
              checker,
              banks.node("b").urls().client() + "/replica/" + origin.toHex(),
              a,
              List.of()));

      // And so is what it has cosigned: they pass over the line of a key they do not know.
      Polling.REMOTE.await(
          Duration.ofSeconds(60),
          () -> banks.node("b").facade().witness().cosigned(origin).isPresent());
      assertEquals(
          2, banks.node("b").facade().witness().cosigned(origin).orElseThrow().signatures().size());
      assertAgrees(
          check(
              checker,
              banks.node("b").urls().client() + "/witness/" + origin.toHex(),
              a,
              List.of()));
    }
  }

  private static List<String> receipts(
      String name, RunningNode node, List<SubmissionReply> payments) {
    return name.equals("a")
        ? payments.stream()
            .map(reply -> reply.recorded().orElseThrow().index())
            .map(index -> node.urls().client() + "/v1/transactions/" + index + "/receipt")
            .toList()
        : List.of();
  }

  private static LogChecker.Result check(
      LogChecker checker, String url, NodeInfo info, List<String> receipts) throws Exception {
    LogChecker.Result result = checker.check(url, info.origin(), info.vkey(), receipts);
    if (result.exit() == 0) {
      assertTrue(
          result.stdout().contains("\"receipts\":" + receipts.size() + ","), result.stdout());
    }
    return result;
  }

  private static void assertAgrees(LogChecker.Result result) {
    assertEquals("", result.stderr());
    assertEquals(0, result.exit());
  }
}
