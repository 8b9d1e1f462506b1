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
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.audit.Replica;
import org.probity.detector.commitment.CheckpointVerifier;
import org.probity.detector.commitment.Machine;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.log.CheckpointSigner;
import org.probity.detector.log.Origin;
import org.probity.detector.log.SigningMark;
import org.probity.detector.log.TreeHead;
import org.probity.detector.node.Patience;
import org.probity.detector.node.TestNetwork;
import org.probity.ledger.program.LedgerProgram;
import org.probity.ledger.transaction.AccountFlags;
import org.probity.ledger.transaction.AccountId;
import org.probity.ledger.transaction.KeyPolicy;
import org.probity.ledger.transaction.Operation;
import org.probity.node.http.PublishedLog;
import org.probity.node.http.api.Polling;
import org.probity.node.scoring.PeerObserver;
import org.probity.node.store.Latch;
import org.probity.node.store.LmdbLogStore;
import org.probity.node.store.StoredLog;

/** The look at what is open and missing: what it asks for, and a disk that does not answer. */
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

  /** Its stream is open and brings nothing: what it has signed it is asked for. */
  @Test
  @Timeout(120)
  void whatAWardHasSignedAndNotProducedIsAskedFor() throws Exception {
    try (TestBanks banks = new TestBanks(directory, 0, 1, "a", "b")) {
      banks.patience = new Patience(500, 500, 60_000);
      banks.start("a");
      banks.start("b");
      long early = banks.node("b").facade().ownLog().size();
      Progress.await(banks.node("a"), "b", ward -> ward.stored().size() >= early);
      banks.wire.withhold("b", InProcessTransport.Message.STREAM);
      openAccount(banks, "b");
      PublishedLog now = banks.node("b").facade().ownLog();
      assertTrue(now.size() > early);
      banks.node("a").facade().checkpoint("b", now.checkpoint());
      Progress.await(banks.node("a"), "b", ward -> ward.stored().size() >= now.size());
      assertEquals("trusted", verdict(banks));
    }
  }

  private static String verdict(TestBanks banks) {
    return banks.node("a").facade().peers().get(0).verdict();
  }

  /** And it has a time for all of it, whatever it answers meanwhile. */
  @Test
  @Timeout(120)
  void whoOwesForTooLongIsSuspectedForAsLong() throws Exception {
    try (TestBanks banks = new TestBanks(directory, 0, 1, "a", "b");
        LmdbLogStore replicas =
            LmdbLogStore.open(
                new LmdbLogStore.Options(directory.resolve("replicas"), 16 << 20, 4),
                Latch.open(List.of(directory.resolve("latch"))))) {
      // No challenge is overdue in this test.
      banks.patience = new Patience(600_000, 600_000, 600_000);
      ChallengeDesk desk = banks.start("a").challenges();
      AtomicLong nanos = new AtomicLong();
      Ward owing = ward(banks.network, replicas, nanos::get);
      Origin log = banks.network.genesis().origin(banks.network.node("b"));
      owing
          .compare(
              ((CheckpointSigner.Signed)
                      CheckpointSigner.guarding(
                              banks.network.logKey("b"), log, SigningMark.NOTHING_SIGNED)
                          .sign(new TreeHead(50, Hash.sha256())))
                  .checkpoint())
          .join();
      desk.lookAround(List.of(owing));
      assertEquals("trusted", verdict(banks));
      nanos.set(Duration.ofHours(2).toNanos());
      // The node's own looks are at another copy, by which nothing is owed.
      assertTrue(
          Polling.LOCAL.await(
              Duration.ofSeconds(30),
              () -> {
                desk.lookAround(List.of(owing));
                return verdict(banks).equals("suspected");
              }));
      assertTrue(
          Polling.LOCAL.await(Duration.ofSeconds(30), () -> verdict(banks).equals("trusted")));
    }
  }

  private Ward ward(TestNetwork network, LmdbLogStore replicas, LongSupplier nanos) {
    NodeRecord record = network.node("b");
    StoredLog stored = replicas.log(network.genesis().origin(record).format());
    DecisionChain decisions = DecisionChain.of(network.genesis(), SignatureRule.fastest());
    return new Ward(
        new Machine(network.genesis(), record, new LedgerProgram()),
        new Replica(
            network.genesis().origin(record),
            record.logKey(),
            SignatureRule.fastest(),
            stored.frontier()),
        stored,
        replicas,
        new AuditMemory(
            "b",
            () -> {
              throw new AssertionError("nothing is audited");
            }),
        new StatementVerifier(SignatureRule.fastest(), network.genesis().networkId()),
        () -> decisions,
        Runnable::run,
        Runnable::run,
        CheckpointVerifier.founding(network.genesis()),
        (witness, found, answered) -> {},
        evidence -> {},
        took -> {},
        new PartialBudget(1 << 20),
        (millis, task) -> {},
        AuditRoundsTest.unhurried(),
        PeerObserver.BLIND,
        nanos);
  }

  private static void openAccount(TestBanks banks, String node) throws Exception {
    banks.submit(
        node,
        List.of(
            new Operation.OpenAccount(
                AccountId.named("payer"),
                banks.crowns.id(),
                KeyPolicy.single(banks.bankKey.publicKey().toBytes()),
                AccountFlags.NONE)));
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
      openAccount(banks, "a");
      assertEquals(1, hanging.looks.get(), "one at a time, and none waits for its turn");
      hanging.end.countDown();
    }
  }
}
