package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.probity.node.runtime.SeatedBanks.await;

import io.vertx.core.Future;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.ChannelId;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.SystemState;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.Checkpoint;
import org.probity.detector.node.Patience;
import org.probity.ledger.client.OrderPlan;
import org.probity.ledger.client.PaymentOrders;
import org.probity.ledger.transaction.KeyPolicy;
import org.probity.ledger.transaction.Operation;
import org.probity.node.config.ReleaseMode;
import org.probity.node.http.NodeHealth;
import org.probity.node.http.PeerStatus;
import org.probity.node.http.ProblemException;
import org.probity.node.http.PublishedLog;
import org.probity.node.http.SubmissionReply;

/**
 * SPEC protocol.md §11.4 on running nodes: under {@code release: witnessed} nothing that others
 * could act upon leaves before {@code q} witnesses have cosigned it.
 *
 * <p>{@code f = 0}, {@code w = q = 2}, {@code r = 1}: each is witnessed by both others, and one
 * that is silent is enough to wait for.
 */
@Timeout(180)
class WitnessedReleaseTest {
  private static final List<String> NAMES = List.of("a", "b", "c");

  @TempDir private Path directory;

  private final OrderPlan plan = new OrderPlan(PaymentOrders.generate(7, 30), NAMES);

  private TestBanks founded(ReleaseMode release) throws Exception {
    TestBanks banks = new TestBanks(directory.resolve("banks"), 0, 2, "a", "b", "c");
    banks.release = release;
    banks.wire.await(NAMES);
    for (String name : NAMES) {
      banks.reach(name);
    }
    KeyPolicy owner = KeyPolicy.single(banks.bankKey.publicKey().toBytes());
    for (String name : NAMES) {
      banks.node(name).awaitOpen();
    }
    for (String name : NAMES) {
      recorded(banks.submit(name, plan.openings(name, banks.crowns.id(), owner)));
      recorded(banks.submit(name, plan.issues(name, banks.crowns.id(), 10)));
    }
    return banks;
  }

  private static long recorded(List<SubmissionReply> replies) {
    replies.forEach(
        it -> assertTrue(it.recorded().isPresent(), () -> String.valueOf(it.refused())));
    return replies.get(0).recorded().orElseThrow().index();
  }

  private static NodeFacade facade(TestBanks banks, String name) {
    return banks.node(name).facade();
  }

  private static Hash log(TestBanks banks, String name) {
    return OwnLogRecovery.originHash(banks.network.genesis().origin(banks.network.node(name)));
  }

  /** What a witness has of a's log. */
  private static long held(TestBanks banks, String witness) {
    return facade(banks, witness).replica(log(banks, "a")).map(PublishedLog::size).orElse(0L);
  }

  private static long cosigned(TestBanks banks, String witness) {
    return facade(banks, witness)
        .witness()
        .cosigned(log(banks, "a"))
        .map(
            note -> {
              try {
                return Checkpoint.parse(note.text()).head().size();
              } catch (Exception e) {
                throw new AssertionError(e);
              }
            })
        .orElse(0L);
  }

  private static Future<List<SubmissionReply>> begin(TestBanks banks, List<Bytes> statements) {
    return facade(banks, "a").submit(statements);
  }

  private static <T> T get(Future<T> answer) throws Exception {
    try {
      return answer.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw (Exception) e.getCause();
    }
  }

  private static String problem(Future<?> answer) {
    return assertThrows(ProblemException.class, () -> get(answer)).problem().code();
  }

  /** One payment to another node. */
  private List<Bytes> remittance(TestBanks banks, String from, String to, int round) {
    List<Operation> payments = new ArrayList<>(plan.payments(from, round));
    payments.removeIf(it -> !(it instanceof Operation.Remit remit) || !remit.node().equals(to));
    return banks.sign(from, payments.subList(0, 1));
  }

  private List<Bytes> issue(TestBanks banks) {
    return banks.sign("a", plan.issues("a", banks.crowns.id(), 1).subList(0, 1));
  }

  private static SystemState.Outgoing channel(TestBanks banks, String from, String to) {
    return Machine.system(facade(banks, from).published().state())
        .outgoing(ChannelId.to(banks.network.node(to)));
  }

  private static void awaitQuiet(TestBanks banks) throws InterruptedException {
    await(
        () ->
            NAMES.stream()
                .allMatch(
                    from ->
                        NAMES.stream()
                            .map(to -> channel(banks, from, to))
                            .allMatch(it -> it.acked() == it.next())),
        "every message is acknowledged");
    await(
        () -> {
          long size = facade(banks, "a").stored().orElseThrow().size();
          return facade(banks, "a").releasedSize() == size && cosigned(banks, "b") == size;
        },
        "everything is released");
  }

  private static long sent(TestBanks banks, String by) {
    return banks.wire.envelopes.stream().filter(it -> it.by().equals(by)).count();
  }

  private static String release(TestBanks banks) {
    NodeHealth health = facade(banks, "a").health();
    return health.warnings().stream()
        .filter(it -> it.name().equals("release"))
        .map(NodeHealth.Warning::reason)
        .findFirst()
        .orElse("");
  }

  private static void assertTrusted(TestBanks banks) throws InterruptedException {
    for (String name : NAMES) {
      assertEquals(List.of(), facade(banks, name).evidenceFiles());
      await(
          () ->
              facade(banks, name).peers().stream()
                  .map(PeerStatus::verdict)
                  .allMatch("trusted"::equals),
          () -> name + ": " + facade(banks, name).peers());
    }
  }

  @Test
  void nothingLeavesBeforeItIsWitnessedAndAllOfItThen() throws Exception {
    try (TestBanks banks = founded(ReleaseMode.WITNESSED)) {
      awaitQuiet(banks);
      long before = facade(banks, "a").ownLog().size();
      long sent = sent(banks, "a");
      banks.wire.snub("b", "a");

      Future<List<SubmissionReply>> answer = begin(banks, remittance(banks, "a", "b", 1));
      // Both witnesses see it, and one has cosigned it.
      await(() -> cosigned(banks, "c") > before && held(banks, "b") > before, "c has cosigned");

      assertFalse(answer.isComplete());
      assertEquals(before, facade(banks, "a").ownLog().size(), "what clients see, and the events");
      assertEquals(sent, sent(banks, "a"), "what peers are sent");
      assertEquals(
          before, facade(banks, "a").logFor("somebody", 0).size(), "what is no witness may copy");

      banks.wire.heed("b", "a");
      long index = recorded(get(answer));
      assertTrue(index >= before);
      assertTrue(facade(banks, "a").ownLog().size() > index);
      awaitQuiet(banks);
      assertTrue(sent(banks, "a") > sent);
      assertTrusted(banks);
    }
  }

  @Test
  void nobodyGetsAnAcknowledgementBeforeItIsWitnessed() throws Exception {
    try (TestBanks banks = founded(ReleaseMode.WITNESSED)) {
      awaitQuiet(banks);
      long before = facade(banks, "a").ownLog().size();
      banks.wire.snub("b", "a");
      get(facade(banks, "c").submit(remittance(banks, "c", "a", 1)));
      await(() -> cosigned(banks, "c") > before, "a has received it");
      SystemState.Outgoing channel = channel(banks, "c", "a");
      assertTrue(channel.acked() < channel.next());

      banks.wire.heed("b", "a");
      awaitQuiet(banks);
      assertTrusted(banks);
    }
  }

  @Test
  void whoWaitsForASilentWitnessIsToldForWhomAndMayAskAgain() throws Exception {
    try (TestBanks banks = founded(ReleaseMode.WITNESSED)) {
      awaitQuiet(banks);
      banks.wire.snub("b", "a");
      List<Bytes> payment = remittance(banks, "a", "b", 1);
      Future<List<SubmissionReply>> first = begin(banks, payment);
      await(() -> release(banks).endsWith("not yet: b"), () -> release(banks));
      assertEquals("not_witnessed_yet", problem(first));

      Future<List<SubmissionReply>> second = begin(banks, payment);
      assertFalse(second.isComplete());
      banks.wire.heed("b", "a");
      long index = recorded(get(second));
      assertEquals(index, recorded(get(begin(banks, payment))), "it is recorded once");
      await(() -> release(banks).isEmpty(), () -> release(banks));
      awaitQuiet(banks);
      assertTrusted(banks);
    }
  }

  /** Nobody knows whether it was released: so it is cosigned again, and then it is. */
  @Test
  void whatWasNotReleasedBeforeAStopIsOnceItIsWitnessed() throws Exception {
    try (TestBanks banks = founded(ReleaseMode.WITNESSED)) {
      awaitQuiet(banks);
      long before = facade(banks, "a").ownLog().size();
      banks.wire.snub("b", "a");
      List<Bytes> payment = remittance(banks, "a", "b", 1);
      Future<List<SubmissionReply>> unanswered = begin(banks, payment);
      await(() -> cosigned(banks, "c") > before, "c has cosigned");
      banks.stop("a");
      assertEquals("outcome_unknown", problem(unanswered));
      long sent = sent(banks, "a");

      RunningNode node = banks.reach("a");
      await(
          () -> node.facade().health().reason().endsWith("not yet: b"),
          () -> "" + node.facade().health());
      assertFalse(node.facade().health().ready());
      assertEquals(sent, sent(banks, "a"));
      assertThrows(ProblemException.class, () -> node.facade().ownLog());
      assertEquals("not_ready", problem(begin(banks, payment)));

      banks.wire.heed("b", "a");
      node.awaitOpen();
      assertTrue(node.facade().ownLog().size() > before);
      awaitQuiet(banks);
      assertTrue(sent(banks, "a") > sent);
      recorded(get(begin(banks, payment)));
      assertTrusted(banks);
    }
  }

  /**
   * The store and its marks are put back as they were before anything was acknowledged: whatever
   * was, witnesses have. Without them the tail is gone, and somebody was told that it is there.
   */
  @ParameterizedTest
  @EnumSource(ReleaseMode.class)
  void whatIsAcknowledgedSurvivesTheLossOfTheStore(ReleaseMode mode) throws Exception {
    try (TestBanks banks = founded(mode)) {
      awaitQuiet(banks);
      banks.stop("a");
      FolderCopy.copy(banks.marks("a"), directory.resolve("marks"));
      banks.start("a");
      List<Bytes> witnessed = issue(banks);
      long index = recorded(get(begin(banks, witnessed)));
      awaitQuiet(banks);
      // From here on nobody sees its log.
      for (String witness : List.of("b", "c")) {
        banks.wire.snub(witness, "a");
      }
      banks.wire.withhold("a", InProcessTransport.Message.STREAM);
      List<Bytes> tail = issue(banks);
      Future<List<SubmissionReply>> answer = begin(banks, tail);
      boolean isAcknowledged = mode == ReleaseMode.RECORDED;
      if (isAcknowledged) {
        assertTrue(recorded(get(answer)) > index);
      } else {
        assertEquals("not_witnessed_yet", problem(answer));
      }

      banks.stop("a");
      FolderCopy.delete(banks.data("a"));
      Files.createDirectory(banks.data("a"));
      FolderCopy.replace(banks.marks("a"), directory.resolve("marks"));
      banks.wire.relent("a");
      for (String witness : List.of("b", "c")) {
        banks.wire.heed(witness, "a");
      }
      banks.start("a");

      assertEquals(index, recorded(get(begin(banks, witnessed))));
      long end = facade(banks, "a").ownLog().size();
      assertTrue(recorded(get(begin(banks, tail))) >= end, "the tail was lost, and is new now");
      awaitQuiet(banks);
      assertTrusted(banks);
    }
  }

  @Test
  void aConfigurationThatWouldHaveCorrectNodesSuspectedIsRefused() {
    try (TestBanks banks = new TestBanks(directory.resolve("few"), 1, 2, "a", "b", "c", "d")) {
      banks.release = ReleaseMode.WITNESSED;
      // One that says nothing would keep it from answering.
      StartException few = assertThrows(StartException.class, () -> banks.reach("a"));
      assertEquals("release_unusable", few.code());
    }
    try (TestBanks banks = new TestBanks(directory.resolve("hasty"), 0, 2, "a", "b", "c")) {
      banks.release = ReleaseMode.WITNESSED;
      banks.patience = new Patience(2_000, 5_000, 3_999);
      StartException hasty = assertThrows(StartException.class, () -> banks.reach("a"));
      assertEquals("release_unusable", hasty.code());
    }
  }
}
