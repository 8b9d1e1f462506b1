package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.AbstractCollection;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.probity.ledger.transaction.AccountFlags;
import org.probity.ledger.transaction.AccountId;
import org.probity.ledger.transaction.KeyPolicy;
import org.probity.ledger.transaction.Operation;
import org.probity.node.http.api.Polling;

/** The look at what is open and missing, on a disk that does not answer. */
class LookAroundTest {
  @TempDir Path directory;

  /** Wards whose logs hang. */
  private static final class Hanging extends AbstractCollection<Ward> {
    private final AtomicInteger looks = new AtomicInteger();
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch end = new CountDownLatch(1);

    @Override
    public Iterator<Ward> iterator() {
      looks.incrementAndGet();
      begun.countDown();
      try {
        end.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return List.<Ward>of().iterator();
    }

    @Override
    public int size() {
      // Not 0: who copies an empty collection need not look into it.
      return 1;
    }
  }

  @Test
  @Timeout(40)
  void aSlowOneHoldsUpNeitherTheNextNorPayments() throws Exception {
    Hanging hanging = new Hanging();
    try (TestBanks banks = new TestBanks(directory, 0, 1, "a", "b")) {
      ChallengeDesk desk = banks.start("a").challenges();
      // The node's own may be under way just then, and none waits for its turn.
      assertTrue(
          Polling.LOCAL.await(
              Duration.ofSeconds(20),
              () -> {
                desk.lookAround(hanging);
                return hanging.begun.getCount() == 0;
              }),
          "no look");
      int more = 10 * Runtime.getRuntime().availableProcessors();
      for (int i = 0; i < more; i++) {
        desk.lookAround(hanging);
      }
      // Needs a thread that verifies signatures.
      banks.submit(
          "a",
          List.of(
              new Operation.OpenAccount(
                  AccountId.named("payer"),
                  banks.crowns.id(),
                  KeyPolicy.single(banks.bankKey.publicKey().toBytes()),
                  AccountFlags.NONE)));
      assertEquals(1, hanging.looks.get(), "one at a time, and none waits for its turn");
      hanging.end.countDown();
    }
  }
}
