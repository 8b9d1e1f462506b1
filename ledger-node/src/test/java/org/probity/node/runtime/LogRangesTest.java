package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
import org.probity.node.http.PublishedLog;

/** A running node gives its log in pieces of bounded length, whatever its entries weigh. */
@Timeout(120)
class LogRangesTest {
  private static final long COMMIT_BYTES = 8 << 20;
  private static final long ENOUGH = 2 * LogRanges.MAX_BYTES;

  @TempDir Path directory;

  @Test
  void aPeerFarBehindGetsPiecesThatItCanCheckInBoundedMemory() throws Exception {
    try (TestBanks banks = new TestBanks(directory, 0, 1, "a", "b")) {
      RunningNode node = banks.start("a");
      OrderPlan plan = new OrderPlan(PaymentOrders.generate(7, 40_000), List.of("a", "b"));
      KeyPolicy owner = KeyPolicy.single(banks.bankKey.publicKey().toBytes());
      List<Operation> openings = plan.openings("a", banks.crowns.id(), owner);
      // A commit each time, so that there are checkpoints in between.
      for (int from = 0; bytes(node) <= ENOUGH; from += 2_000) {
        banks.submit("a", openings.subList(from, from + 2_000));
      }

      PublishedLog newest = node.facade().ownLog();
      assertTrue(newest.size() < LogRanges.MAX_ENTRIES, "bytes are what counts here");
      PublishedLog first = node.facade().logFor("b", 0);
      assertTrue(first.size() < newest.size(), "all at once: " + newest.size());
      long pieces = 0;
      long from = 0;
      while (from < newest.size()) {
        PublishedLog piece = node.facade().logFor("b", from);
        assertTrue(piece.size() > from);
        assertTrue(bytes(piece, from, piece.size()) <= LogRanges.MAX_BYTES + COMMIT_BYTES);
        from = piece.size();
        pieces++;
      }
      assertTrue(pieces >= 2);
      assertEquals(newest.size(), node.facade().logFor("b", newest.size()).size());
    }
  }

  private static long bytes(RunningNode node) {
    PublishedLog log = node.facade().ownLog();
    return bytes(log, 0, log.size());
  }

  private static long bytes(PublishedLog log, long from, long to) {
    long bytes = 0;
    for (long index = from; index < to; index++) {
      bytes += log.entries().entry(index).size();
    }
    return bytes;
  }
}
