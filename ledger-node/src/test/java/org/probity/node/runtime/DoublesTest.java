package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.probity.node.runtime.SeatedBanks.await;

import io.vertx.core.Future;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Signer;
import org.probity.detector.log.AddCheckpointRequest;
import org.probity.detector.log.AddCheckpointResponse;
import org.probity.detector.log.Checkpoint;
import org.probity.detector.log.Origin;
import org.probity.detector.log.SignedNote;
import org.probity.detector.node.RunSign;
import org.probity.detector.node.StartLease;
import org.probity.ledger.client.OrderPlan;
import org.probity.ledger.client.PaymentOrders;
import org.probity.ledger.transaction.KeyPolicy;
import org.probity.node.config.ReleaseMode;
import org.probity.node.http.NodeHealth;
import org.probity.node.http.PeerReply;
import org.probity.node.http.PeerStatus;
import org.probity.node.http.WitnessService;
import org.probity.node.http.wire.SeenRuns;

/**
 * SPEC protocol.md §11.5 on running nodes: of two processes with one key, each with a copy of one
 * store, one signs.
 */
@Timeout(180)
class DoublesTest {
  private static final List<String> NAMES = List.of("a", "b", "c");
  private static final Duration LEASE = Duration.ofSeconds(4);

  @TempDir Path directory;

  private int accounts = 1;

  private TestBanks founded() throws Exception {
    TestBanks banks = new TestBanks(directory.resolve("banks"), 0, 2, "a", "b", "c");
    banks.startLease = LEASE;
    banks.wire.await(NAMES);
    for (String name : NAMES) {
      banks.reach(name);
    }
    for (String name : NAMES) {
      banks.node(name).awaitOpen();
    }
    open(banks);
    return banks;
  }

  /** Some transactions at a. */
  private void open(TestBanks banks) throws Exception {
    OrderPlan plan = new OrderPlan(PaymentOrders.generate(accounts++, 10), NAMES);
    KeyPolicy owner = KeyPolicy.single(banks.bankKey.publicKey().toBytes());
    banks
        .submit("a", plan.openings("a", banks.crowns.id(), owner))
        .forEach(reply -> assertTrue(reply.recorded().isPresent(), () -> "" + reply.refused()));
  }

  private Path copy(String what) {
    return directory.resolve("twin-" + what);
  }

  /** Of a node that does not run. */
  private void copy(TestBanks banks) throws Exception {
    FolderCopy.copy(banks.data("a"), copy("data"));
    FolderCopy.copy(banks.marks("a"), copy("marks"));
  }

  private RunningNode twin(TestBanks banks) throws StartException {
    return banks.twin("a", copy("data"), copy("marks"));
  }

  private static String closedGate(RunningNode node) {
    return node.facade().health().checks().stream()
        .filter(check -> check.name().equals("gate") && !check.ok())
        .map(NodeHealth.Check::reason)
        .findFirst()
        .orElse("");
  }

  private static void assertNobodyIsAccused(TestBanks banks) throws InterruptedException {
    for (String name : List.of("b", "c")) {
      NodeFacade node = banks.node(name).facade();
      assertEquals(List.of(), node.evidenceFiles());
      await(
          () -> node.peers().stream().map(PeerStatus::verdict).allMatch("trusted"::equals),
          () -> name + ": " + node.peers());
    }
  }

  @Test
  void whoIsStartedBesideOneThatRunsEndsAndTheOtherGoesOn() throws Exception {
    try (TestBanks banks = founded()) {
      banks.stop("a");
      copy(banks);
      byte[] mark = Files.readAllBytes(copy("marks").resolve("mark"));
      banks.start("a");
      open(banks);
      RunningNode twin = twin(banks);
      try {
        StartException refused = assertThrows(StartException.class, twin::awaitOpen);
        assertEquals("another_run", refused.code());
      } finally {
        twin.stop();
      }
      assertEquals(List.of("done", "done", "another_run"), banks.starts("a"));
      assertTrue(mark.length > 0);
      assertTrue(banks.node("a").facade().health().ready());
      open(banks);
      assertNobodyIsAccused(banks);
    }
  }

  @Test
  void ofTwoThatAreStartedAtOnceOneSigns() throws Exception {
    try (TestBanks banks = founded()) {
      banks.stop("a");
      copy(banks);
      FolderCopy.copy(banks.data("a"), directory.resolve("other-data"));
      FolderCopy.replace(banks.data("a"), directory.resolve("other-data"));
      List<RunningNode> both = new ArrayList<>();
      both.add(banks.reach("a"));
      both.add(twin(banks));
      try {
        List<String> ends = new ArrayList<>();
        for (RunningNode one : both) {
          try {
            one.awaitOpen();
            ends.add("open");
          } catch (StartException e) {
            ends.add(e.code());
          }
        }
        assertEquals(List.of("another_run", "open"), ends.stream().sorted().toList());
      } finally {
        both.get(1).stop();
      }
      assertNobodyIsAccused(banks);
    }
  }

  /** It holds the lock of the very files that its former run wrote, so that one is over. */
  @Test
  void aRestartOnTheSameDiskWaitsForNobody() throws Exception {
    try (TestBanks banks = founded()) {
      banks.startLease = Duration.ofMinutes(10);
      for (int i = 0; i < 2; i++) {
        banks.stop("a");
        banks.start("a");
      }
      open(banks);
      assertNobodyIsAccused(banks);
    }
  }

  /** Nobody can tell whether the original still runs, until it does not show itself. */
  @Test
  void aCopyOfWhatHasJustEndedWaitsOneLease() throws Exception {
    try (TestBanks banks = founded()) {
      banks.stop("a");
      copy(banks);
      RunningNode twin = twin(banks);
      try {
        await(() -> closedGate(twin).contains("have heard of one"), () -> closedGate(twin));
        assertEquals(List.of("done"), banks.starts("a"), "it has not started yet");
        twin.awaitOpen();
      } finally {
        twin.stop();
      }
      assertEquals(List.of("done", "done"), banks.starts("a"));
      assertNobodyIsAccused(banks);
    }
  }

  @Test
  void whoIsStoppedBeforeItMaySignIsOnRecordAsSuch() throws Exception {
    try (TestBanks banks = founded()) {
      banks.stop("a");
      copy(banks);
      RunningNode twin = twin(banks);
      await(() -> closedGate(twin).contains("have heard of one"), () -> closedGate(twin));
      twin.stop();
      assertEquals(List.of("done", "stopped"), banks.starts("a"));
    }
  }

  /** The test is the other process: it has the key, and reaches the same witness. */
  private record Impostor(TestBanks banks, Bytes run) {

    PeerReply show(Signer key, boolean isSigning, Bytes... seen) {
      RunSign sign = new RunSign(run, isSigning, List.of(seen));
      Hash network = banks.network.genesis().networkId();
      return answer(banks.node("b").facade().run("a", sign.sign(network, key)));
    }

    /** What b then tells of the process that was there before. */
    StartLease.Told told(boolean isSigning, Bytes... seen) {
      Signer key = banks.network.logKey("a");
      try {
        SeenRuns.Seen before =
            SeenRuns.decode(show(key, isSigning, seen).body()).runs().stream()
                .reduce((older, newer) -> newer)
                .orElseThrow();
        Hash network = banks.network.genesis().networkId();
        RunSign sign =
            RunSign.verify(before.sign(), network, SignatureRule.fastest(), key.publicKey())
                .orElseThrow();
        return new StartLease.Told(sign, before.ageMillis());
      } catch (DecodeException e) {
        throw new AssertionError(e);
      }
    }
  }

  private static <T> T answer(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  /** Asks a to cosign what it has cosigned of b's log already. */
  private static boolean isCosigning(TestBanks banks) {
    WitnessService witness = banks.node("a").facade().witness();
    Origin origin = banks.network.genesis().origin(banks.network.node("b"));
    Optional<SignedNote> held = witness.cosigned(OwnLogRecovery.originHash(origin));
    if (held.isEmpty()) {
      return false;
    }
    try {
      long size = Checkpoint.parse(held.get().text()).head().size();
      Bytes request = new AddCheckpointRequest(size, List.of(), held.get()).format();
      return answer(
          witness
              .add("b", request)
              .map(AddCheckpointResponse.Cosigned.class::isInstance)
              .otherwise(false));
    } catch (DecodeException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void whoSignsEndsWhenAnotherThatSignsNamesItAndNotForLess() throws Exception {
    try (TestBanks banks = founded()) {
      RunningNode a = banks.node("a");
      byte[] largest = new byte[RunSign.RUN_BYTES];
      Arrays.fill(largest, (byte) 0xff);
      Impostor other = new Impostor(banks, Bytes.wrap(largest));
      Bytes lived = other.told(false).sign().run();
      // It starts, and has to give way: a names it.
      await(
          () -> {
            RunSign sign = other.told(false, lived).sign();
            return sign.isSigning() && sign.seen().contains(other.run());
          },
          "a tells that it lives");
      await(() -> isCosigning(banks), "a cosigns");
      assertTrue(a.facade().health().ready());

      // Somebody else's word is none.
      assertEquals(
          PeerReply.refused("run_invalid"), other.show(banks.network.logKey("c"), true, lived));

      // It signs, although it should not: one of the two ends, with both its keys.
      assertEquals(lived, other.told(true, lived).sign().run());
      String reason = a.stopped().get(60, TimeUnit.SECONDS);
      assertTrue(
          reason.startsWith("latched: another_run: another process signs with the key"), reason);
      assertEquals(NodeHealth.Phase.LATCHED, a.facade().health().phase());
      assertFalse(a.facade().health().ready());
      assertFalse(isCosigning(banks));
      // It has no more to say, or nobody else could start.
      await(() -> other.told(true).ageMillis() > LEASE.toMillis(), "a shows itself no more");
      assertNobodyIsAccused(banks);
    }
  }

  /** Nobody has seen anything of it yet, and whoever waits for it to be ready waits no more. */
  @Test
  void whoWaitsToBeWitnessedEndsForTheSameReason() throws Exception {
    try (TestBanks banks = founded()) {
      banks.stop("a");
      banks.release = ReleaseMode.WITNESSED;
      banks.wire.snub("b", "a");
      RunningNode a = banks.reach("a");
      await(
          () -> a.facade().health().reason().endsWith("not yet: b"),
          () -> a.facade().health().reason());
      byte[] largest = new byte[RunSign.RUN_BYTES];
      Arrays.fill(largest, (byte) 0xff);
      Impostor other = new Impostor(banks, Bytes.wrap(largest));

      other.told(true, other.told(true).sign().run());

      assertEquals("another_run", assertThrows(StartException.class, a::awaitOpen).code());
      String reason = a.stopped().get(60, TimeUnit.SECONDS);
      assertTrue(reason.startsWith("latched: another_run: "), reason);
    }
  }
}
