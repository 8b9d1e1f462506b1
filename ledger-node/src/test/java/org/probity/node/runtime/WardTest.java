package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.audit.Replica;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.Machine;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Parameters;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.node.MemoryLog;
import org.probity.detector.node.TestConsortium;
import org.probity.detector.node.TestNetwork;
import org.probity.detector.program.Context;
import org.probity.detector.program.Program;
import org.probity.detector.program.Submission;
import org.probity.detector.program.Transaction;
import org.probity.node.http.wire.LogFrame;
import org.probity.node.store.Latch;
import org.probity.node.store.LmdbLogStore;
import org.probity.node.store.LmdbStateStore;
import org.probity.node.store.StoredLog;
import org.slf4j.LoggerFactory;

/**
 * SPEC protocol.md §6.4: a ward is replayed from the last audited STATE, also after a restart, and
 * what goes wrong here never counts against the ward. One thread, no time: tasks run in order.
 */
class WardTest {
  private static final long MAP_BYTES = 16 << 20;

  @TempDir Path directory;

  private final Notes honest = new Notes();
  private final TestNetwork network =
      TestNetwork.of(Parameters.of(0, 1), honest.id(), Bytes.EMPTY, "a", "b", "c");
  private final TestConsortium consortium = new TestConsortium(network, honest);
  private final List<Bytes> candidates = new ArrayList<>();
  private final List<String> unusable = new ArrayList<>();
  private final Deque<Runnable> tasks = new ArrayDeque<>();
  private final Deque<Runnable> retries = new ArrayDeque<>();
  private final List<Long> pauses = new ArrayList<>();
  private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
  private int notes;

  @BeforeEach
  void listen() {
    logged.start();
    ((Logger) LoggerFactory.getLogger(AuditMemory.class)).addAppender(logged);
  }

  @AfterEach
  void stopListening() {
    ((Logger) LoggerFactory.getLogger(AuditMemory.class)).detachAppender(logged);
  }

  /** Our node from one start to the next stop, as far as it concerns one ward. */
  private final class Life implements AutoCloseable {
    private final MemoryLog log;
    private final LmdbLogStore replicas;
    private final StoredLog stored;
    private final LmdbStateStore audited;
    private final Ward ward;

    Life(String name, Program program) {
      NodeRecord record = network.node(name);
      log = consortium.member(name).log();
      replicas =
          LmdbLogStore.open(
              new LmdbLogStore.Options(directory.resolve("replicas-" + name), MAP_BYTES, 4),
              Latch.open(List.of(directory.resolve("latch"))));
      stored = replicas.log(network.genesis().origin(record).format());
      audited = openAudited(name);
      ward =
          new Ward(
              new Machine(network.genesis(), record, program),
              new Replica(
                  network.genesis().origin(record),
                  record.logKey(),
                  SignatureRule.fastest(),
                  stored.frontier()),
              stored,
              replicas,
              new AuditMemory(name, () -> audited),
              consortium.verifier(),
              tasks::add,
              Runnable::run,
              consortium.checkpoints(),
              (witness, found, answered) -> {},
              candidates::add,
              took -> {},
              new PartialBudget(64 << 20),
              (millis, task) -> {
                pauses.add(millis);
                retries.add(task);
              });
      ward.start();
      run();
    }

    /** The ward's log up to its newest checkpoint arrives. */
    void follow() {
      SignedCheckpoint newest = log.newest().orElseThrow();
      ward.frame(
          LogFrame.chunk(newest.bytes(), log, stored.size(), newest.size()),
          unusable::add,
          () -> {},
          () -> {});
      run();
    }

    @Override
    public void close() {
      ward.stop();
      ward.close();
      audited.close();
      replicas.close();
    }
  }

  private LmdbStateStore openAudited(String name) {
    return LmdbStateStore.open(directory.resolve("audited-" + name), MAP_BYTES);
  }

  private void run() {
    while (!tasks.isEmpty()) {
      tasks.remove().run();
    }
  }

  private void record(String node, int count) {
    for (int i = 0; i < count; i++) {
      consortium.submit(
          node,
          consortium.sign(TestNetwork.signer("client"), node, notes, "client", "note " + notes));
      notes++;
      consortium.run();
    }
  }

  private long auditOnce(String node) {
    record(node, 60);
    try (Life life = new Life(node, honest)) {
      life.follow();
      assertEquals(life.log.size(), life.ward.auditedSize());
      assertEquals(life.log.size(), life.ward.replayedEntries());
      return life.log.size();
    }
  }

  private List<String> errors() {
    return logged.list.stream()
        .filter(event -> event.getLevel() == Level.ERROR)
        .map(ILoggingEvent::getFormattedMessage)
        .toList();
  }

  @Test
  void afterARestartOnlyTheTailIsReplayed() {
    long before = auditOnce("a");
    record("a", 7);
    try (Life life = new Life("a", honest)) {
      assertEquals(0, life.ward.replayedEntries());
      assertEquals(before, life.ward.auditedSize());
      life.follow();
      long tail = life.log.size() - before;
      assertEquals(tail, life.ward.replayedEntries());
      assertEquals(life.log.size(), life.ward.auditedSize());
    }
    assertEquals(List.of(), candidates);
    assertEquals(List.of(), errors());
  }

  @Test
  void aWardThatHasLoggedNothingYetIsNoDamage() {
    try (Life life = new Life("b", honest)) {
      life.follow();
      assertEquals(1, life.ward.auditedSize());
    }
    try (Life life = new Life("b", honest)) {
      assertEquals(1, life.ward.replayedEntries());
      assertEquals(1, life.ward.auditedSize());
    }
    assertEquals(List.of(), errors());
  }

  /** A bit that flips in what was kept must neither accuse the ward nor hide anything of it. */
  @Test
  void aKeptStateOfAnotherRootIsNotTrusted() {
    long before = auditOnce("a");
    try (LmdbStateStore store = openAudited("a")) {
      Map<Bytes, Bytes> kept = new TreeMap<>();
      LmdbStateStore.Position position = store.load(kept::put).orElseThrow();
      assertEquals(before - 1, position.index());
      Bytes key =
          kept.keySet().stream()
              .filter(name -> name.unsafeArray()[0] == 1)
              .findFirst()
              .orElseThrow();
      store.apply(Map.of(key, Optional.of(Bytes.utf8("planted"))), position);
    }
    assertReplaysEverything();
    // And what is kept from then on is sound.
    try (Life life = new Life("a", honest)) {
      assertEquals(0, life.ward.replayedEntries());
      assertEquals(before, life.ward.auditedSize());
    }
  }

  @Test
  void aKeptStateOfAnotherPlaceIsNotTrusted() {
    long before = auditOnce("a");
    for (long wrong : List.of(before - 2, before + 10)) {
      try (LmdbStateStore store = openAudited("a")) {
        LmdbStateStore.Position position = store.position().orElseThrow();
        store.apply(Map.of(), new LmdbStateStore.Position(wrong, position.root()));
      }
      logged.list.clear();
      assertReplaysEverything();
    }
  }

  private void assertReplaysEverything() {
    try (Life life = new Life("a", honest)) {
      assertEquals(life.log.size(), life.ward.replayedEntries());
      assertEquals(life.log.size(), life.ward.auditedSize());
    }
    assertEquals(List.of(), candidates);
    assertEquals(1, errors().size(), errors()::toString);
    assertTrue(errors().get(0).contains("from GENESIS"), errors()::toString);
  }

  @Test
  void anExceptionInAnAuditIsToldTriedAgainAndHurtsNobody() {
    record("a", 5);
    record("b", 5);
    Notes broken = new Notes();
    broken.failsAt = "note 3";
    try (Life a = new Life("a", broken);
        Life b = new Life("b", honest)) {
      a.follow();
      b.follow();
      assertTrue(a.ward.trouble().orElseThrow().contains("planted"), a.ward.trouble()::toString);
      assertEquals(1, a.ward.auditFailures());
      assertEquals(Optional.empty(), b.ward.trouble());
      assertEquals(b.log.size(), b.ward.auditedSize());

      // The log is still followed and stored, and new entries do not hurry the next attempt.
      record("a", 2);
      a.follow();
      assertEquals(a.log.size(), a.stored.size());
      assertEquals(1, a.ward.auditFailures());

      for (int attempt = 0; attempt < 7; attempt++) {
        retries.remove().run();
        run();
      }
      assertEquals(
          List.of(1_000L, 2_000L, 4_000L, 8_000L, 16_000L, 32_000L, 60_000L, 60_000L), pauses);
      assertEquals(8, a.ward.auditFailures());

      broken.failsAt = "";
      retries.remove().run();
      run();
      assertEquals(Optional.empty(), a.ward.trouble());
      assertEquals(a.log.size(), a.ward.auditedSize());
    }
    assertEquals(List.of(), candidates);
    assertEquals(List.of(), unusable);
  }

  /** Keeps every note under its own text. */
  private static final class Notes implements Program {
    private String failsAt = "";

    @Override
    public String rules() {
      return "ward-test";
    }

    @Override
    public int transactionFootprint(Transaction transaction) {
      return 0;
    }

    @Override
    public int messageFootprint(Bytes payload) {
      return 0;
    }

    @Override
    public void initialise(Bytes parameters, Context context) {}

    @Override
    public boolean authorises(Submission submission, Context context) {
      return true;
    }

    @Override
    public Bytes execute(Submission submission, Context context) {
      context.state().put(submission.body(), Bytes.utf8("kept"));
      if (submission.body().equals(Bytes.utf8(failsAt))) {
        throw new StackOverflowError("planted");
      }
      return Bytes.utf8("ok");
    }

    @Override
    public void receive(String from, Bytes payload, Context context) {}

    @Override
    public void tick(Context context) {}
  }
}
