package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.audit.Replica;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.CheckpointVerifier;
import org.probity.detector.commitment.Machine;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.evidence.ByzantineLog;
import org.probity.detector.evidence.Court;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.log.AddCheckpointResponse;
import org.probity.node.http.PeerReply;
import org.probity.node.http.peer.LogStream;
import org.probity.node.http.peer.LogStreamReader;
import org.probity.node.http.peer.PeerFailure;
import org.probity.node.http.peer.PeerTransport;
import org.probity.node.http.wire.HeldLog;
import org.probity.node.http.wire.LogFrame;
import org.probity.node.scoring.PeerObserver;
import org.probity.node.store.Latch;
import org.probity.node.store.LmdbLogStore;
import org.probity.node.store.LmdbStateStore;
import org.probity.node.store.StoredLog;

/** A ward that sends faster than its witness works waits; it does not fill the witness's memory. */
@Timeout(60)
class WardsTest {
  private static final long MAP_BYTES = 16 << 20;

  @TempDir Path directory;

  private final Vertx vertx = Vertx.vertx();
  private final Court court = new Court();
  private final DecisionChain decisions =
      DecisionChain.of(court.network().genesis(), SignatureRule.fastest());
  private final ByzantineLog log = court.log("beta", 30);
  private final BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
  private final BlockingQueue<LogStreamReader> opened = new LinkedBlockingQueue<>();
  private volatile boolean busy;
  private final List<String> asked = new ArrayList<>();

  /** How much waited for the ward's worker when a stream was closed. */
  private final List<Integer> tasksBeforeClose = new ArrayList<>();

  @AfterEach
  void stop() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  /** Streams that tell what they are asked. */
  private final class Recorded implements PeerTransport {
    @Override
    public LogStream stream(String of, long from, LogStreamReader reader) {
      // After this task of the event loop: then the stream is connected.
      vertx.runOnContext(connected -> opened.add(reader));
      return new LogStream() {
        @Override
        public void pause() {
          asked.add("pause");
        }

        @Override
        public void resume() {
          asked.add("resume");
        }

        @Override
        public void close() {
          asked.add("close");
          tasksBeforeClose.add(tasks.size());
        }
      };
    }

    @Override
    public Future<PeerReply> envelope(String to, Bytes body) {
      throw new AssertionError();
    }

    @Override
    public Future<AddCheckpointResponse> addCheckpoint(String to, Bytes request) {
      throw new AssertionError();
    }

    @Override
    public Future<PeerReply> checkpoint(String to, Bytes body) {
      throw new AssertionError();
    }

    @Override
    public Future<PeerReply> evidence(String to, Bytes body) {
      throw new AssertionError();
    }

    @Override
    public Future<PeerReply> challenge(String to, Bytes body) {
      throw new AssertionError();
    }

    @Override
    public Future<PeerReply> audit(String to, Bytes request) {
      throw new AssertionError();
    }

    @Override
    public Future<PeerReply> run(String to, Bytes sign) {
      throw new AssertionError();
    }

    @Override
    public Future<PeerReply> governance(String to, Bytes request) {
      throw new AssertionError();
    }

    @Override
    public Future<Bytes> newestCheckpoint(String of) {
      throw new AssertionError();
    }

    @Override
    public Future<Bytes> heldCheckpoint(String by, Hash originHash) {
      throw new AssertionError();
    }

    @Override
    public Future<HeldLog> held(String by, Hash originHash) {
      throw new AssertionError();
    }

    @Override
    public Future<LogFrame> entries(String by, Hash originHash, long from, long to) {
      throw new AssertionError();
    }
  }

  /** A ward whose worker, once busy, does nothing before it is told to. */
  private Ward ward(LmdbLogStore replicas, LmdbStateStore audited) {
    NodeRecord record = court.network().node("beta");
    StoredLog stored = replicas.log(court.network().genesis().origin(record).format());
    return new Ward(
        new Machine(court.network().genesis(), record, court.machine("beta").program()),
        new Replica(
            court.network().genesis().origin(record),
            record.logKey(),
            SignatureRule.fastest(),
            stored.frontier()),
        stored,
        replicas,
        new AuditMemory("beta", () -> audited),
        new StatementVerifier(SignatureRule.fastest(), court.network().genesis().networkId()),
        () -> decisions,
        this::execute,
        Runnable::run,
        CheckpointVerifier.founding(court.network().genesis()),
        (witness, found, answered) -> {},
        evidence -> {
          throw new AssertionError("against a correct ward");
        },
        took -> {},
        new PartialBudget(64 << 20),
        (millis, task) -> {
          throw new AssertionError("an audit failed");
        },
        AuditRoundsTest.unhurried(),
        PeerObserver.BLIND,
        System::nanoTime);
  }

  private void execute(Runnable task) {
    if (busy) {
      tasks.add(task);
    } else {
      task.run();
    }
  }

  private void work(int count) throws InterruptedException {
    for (int i = 0; i < count; i++) {
      tasks.take().run();
    }
  }

  @Test
  void aStreamPausesWhenItsWitnessIsBehindAndGoesOnWhenItIsNot() throws Exception {
    try (LmdbLogStore replicas =
            LmdbLogStore.open(
                new LmdbLogStore.Options(directory.resolve("replicas"), MAP_BYTES, 4),
                Latch.open(List.of(directory.resolve("latch"))));
        LmdbStateStore audited = LmdbStateStore.open(directory.resolve("audited"), MAP_BYTES)) {
      Ward ward = ward(replicas, audited);
      Wards wards = new Wards(vertx, new Recorded(), List.of(ward));
      wards.start();
      LogStreamReader stream = opened.take();
      busy = true;

      int sent = 0;
      while (sent < Wards.MAX_WAITING_FRAMES - 1) {
        stream.frame(frame(sent++));
      }
      assertEquals(List.of(), asked);
      stream.frame(frame(sent++));
      assertEquals(List.of("pause"), asked);
      // What is under way when it is told to wait still arrives, and says it no second time.
      stream.frame(frame(sent++));
      stream.frame(frame(sent++));
      assertEquals(List.of("pause"), asked);

      work(sent - Wards.MAX_WAITING_FRAMES / 2 - 1);
      assertEquals(List.of("pause"), asked, "woken too early");
      work(1);
      assertEquals(List.of("pause", "resume"), asked);

      while (sent < log.size()) {
        stream.frame(frame(sent++));
        work(1);
      }
      while (!tasks.isEmpty()) {
        work(1);
      }
      assertEquals(List.of("pause", "resume"), asked);
      assertEquals(log.size(), ward.stored().size());
      assertEquals(log.size(), ward.auditedSize());
      wards.stop();
      assertEquals(List.of("pause", "resume", "close"), asked);
      assertTrue(opened.isEmpty());
      ward.close();
    }
  }

  /** What a ward answers its clients after a long absence nobody else has until it is followed. */
  @Test
  void aWardThatIsBackIsFollowedAtOnceHoweverLongItWasAway() throws Exception {
    try (LmdbLogStore replicas =
            LmdbLogStore.open(
                new LmdbLogStore.Options(directory.resolve("replicas"), MAP_BYTES, 4),
                Latch.open(List.of(directory.resolve("latch"))));
        LmdbStateStore audited = LmdbStateStore.open(directory.resolve("audited"), MAP_BYTES)) {
      Ward ward = ward(replicas, audited);
      Wards wards = new Wards(vertx, new Recorded(), List.of(ward));
      wards.start();
      for (long pause = Wards.FIRST_BACKOFF_MILLIS; pause < 2_000; pause *= 2) {
        wards.isBack("beta");
        assertTrue(asked.isEmpty(), "a stream that is open is left alone");
        opened.take().ended(away());
        asked.clear();
      }
      // The pause is 3.2 s now.
      opened.take().ended(away());
      wards.isBack("nobody");
      wards.isBack("beta");
      assertNotNull(opened.poll(1_600, TimeUnit.MILLISECONDS), "waits on");
      wards.isBack("beta");
      assertNull(opened.poll(100, TimeUnit.MILLISECONDS), "a second stream");
      wards.stop();
      ward.close();
    }
  }

  /** What the former one still brings must not be taken for what the next one brings. */
  @Test
  void theStreamOfALogThatIsClosedEndsBeforeItIsLookedForElsewhere() throws Exception {
    try (LmdbLogStore replicas =
            LmdbLogStore.open(
                new LmdbLogStore.Options(directory.resolve("replicas"), MAP_BYTES, 4),
                Latch.open(List.of(directory.resolve("latch"))));
        LmdbStateStore audited = LmdbStateStore.open(directory.resolve("audited"), MAP_BYTES)) {
      Ward ward = ward(replicas, audited);
      Wards wards = new Wards(vertx, new Recorded(), List.of(ward));
      wards.start();
      LogStreamReader stream = opened.take();
      busy = true;
      wards.close("beta");
      assertEquals(List.of("close"), asked);
      assertEquals(List.of(0), tasksBeforeClose);
      int begun = tasks.size();
      stream.frame(frame(0));
      assertEquals(begun, tasks.size(), "what it still brings is dropped");
      assertTrue(wards.comparable(ward.origin()).isPresent());
      assertTrue(wards.ward("beta").isEmpty());
      while (!tasks.isEmpty()) {
        work(1);
      }
      wards.stop();
      ward.close();
    }
  }

  private static PeerFailure away() {
    return PeerFailure.of(PeerFailure.Kind.UNREACHABLE, "connection_failed", "it is away");
  }

  /** One entry under the checkpoint that covers them all. */
  private LogFrame frame(int index) {
    return new LogFrame(log.checkpoint().bytes(), List.of(log.entry(index)));
  }
}
