package org.probity.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.audit.ClosedLog;
import org.probity.detector.audit.Replica;
import org.probity.detector.challenge.Claim;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.Machine;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Signer;
import org.probity.detector.evidence.EvidenceBuilder;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Parameters;
import org.probity.detector.governance.Polity;
import org.probity.detector.log.CheckpointSigner;
import org.probity.detector.log.Multiproof;
import org.probity.detector.log.Origin;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.SigningMark;
import org.probity.detector.log.TreeHead;
import org.probity.detector.node.Effect;
import org.probity.detector.node.MemoryLog;
import org.probity.detector.node.TestConsortium;
import org.probity.detector.node.TestNetwork;
import org.probity.detector.program.Context;
import org.probity.detector.program.Program;
import org.probity.detector.program.Submission;
import org.probity.detector.program.Transaction;
import org.probity.node.http.PublishedLog;
import org.probity.node.http.wire.LogFrame;
import org.probity.node.scoring.PeerObserver;
import org.probity.node.store.Latch;
import org.probity.node.store.LmdbLogStore;
import org.probity.node.store.LmdbStateStore;
import org.probity.node.store.LogWrites;
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
  private DecisionChain decisions = DecisionChain.of(network.genesis(), SignatureRule.fastest());
  private Supplier<AuditRota> rota = AuditRoundsTest::unhurried;
  private final List<Bytes> candidates = new ArrayList<>();
  private final List<String> unusable = new ArrayList<>();
  private final Deque<Runnable> tasks = new ArrayDeque<>();
  private final Deque<Runnable> retries = new ArrayDeque<>();
  private final List<Long> pauses = new ArrayList<>();
  private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
  private final List<String> measurements = new ArrayList<>();
  private final PeerObserver measured =
      new PeerObserver() {
        @Override
        public void stored(String ward, List<Bytes> entries) {
          measurements.add("stored " + ward);
        }

        @Override
        public void compared(String ward, boolean agrees) {
          measurements.add("compared " + ward);
        }

        @Override
        public void returned(String ward) {
          measurements.add("returned " + ward);
        }
      };
  private int notes;
  private long nowNanos;

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
      this(name, program, new PartialBudget(64 << 20), MAP_BYTES);
    }

    Life(String name, Program program, PartialBudget budget, long replicaBytes) {
      NodeRecord record = network.node(name);
      log = consortium.member(name).log();
      replicas =
          LmdbLogStore.open(
              new LmdbLogStore.Options(directory.resolve("replicas-" + name), replicaBytes, 4),
              Latch.open(List.of(directory.resolve("latch"))));
      stored = replicas.log(network.genesis().origin(record).format());
      audited = openAudited(name);
      ward =
          new Ward(
              new Machine(network.genesis(), record, program),
              new Replica(
                  new EvidenceBuilder(network.genesis().networkId()),
                  network.genesis().origin(record),
                  record.logKey(),
                  SignatureRule.fastest(),
                  stored.frontier(),
                  Ward.coveredSize(stored)),
              stored,
              replicas,
              new AuditMemory(name, () -> audited),
              consortium.verifier(),
              () -> decisions,
              tasks::add,
              Runnable::run,
              consortium.checkpoints(),
              (witness, found, answered) -> {},
              candidates::add,
              took -> {},
              budget,
              (millis, task) -> {
                pauses.add(millis);
                retries.add(task);
              },
              rota.get(),
              measured,
              () -> nowNanos);
      ward.start();
      run();
    }

    /** Somebody shows a checkpoint of the ward. */
    Replica.Comparison shown(SignedCheckpoint checkpoint) {
      CompletableFuture<Replica.Comparison> comparison = ward.compare(checkpoint);
      WardTest.this.run();
      return comparison.join();
    }

    /** A stream brings what is missing up to a checkpoint, one entry a frame, until it ends. */
    void receive(PublishedLog upTo) {
      ward.expectFrom(from -> assertEquals(stored.size(), from));
      for (long index = stored.size(); index < upTo.size() && unusable.isEmpty(); index++) {
        ward.frame(
            new LogFrame(upTo.checkpoint(), List.of(upTo.entries().entry(index))),
            unusable::add,
            () -> {},
            () -> {});
        run();
      }
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

  /** protocol.md §7.1: what the ward has signed it must produce, and may do so piece by piece. */
  @Test
  void whatIsPromisedIsMissedAndTakenInAnswers() {
    record("a", 4);
    try (Life life = new Life("a", honest)) {
      life.follow();
      assertEquals(Optional.empty(), life.ward.owed(Duration.ZERO));
      long before = life.stored.size();
      record("a", 20);
      SignedCheckpoint newest = life.log.newest().orElseThrow();
      CompletableFuture<Replica.Comparison> shown = life.ward.compare(newest);
      run();
      assertEquals(Replica.Comparison.AHEAD, shown.join());
      assertEquals(Optional.empty(), life.ward.owed(Duration.ofHours(1)), "too early");
      for (long from = before; from < newest.size(); from += PART) {
        Ward.Owed owed = life.ward.owed(Duration.ZERO).orElseThrow();
        assertEquals(newest, owed.promised());
        assertEquals(from, owed.from());
        // What does not go on where the log ends here is of no use.
        life.ward.produced(production(life.log, newest, from + 1));
        life.ward.produced(production(life.log, newest, from));
        run();
      }
      assertEquals(newest.size(), life.stored.size());
      assertEquals(newest.size(), life.ward.auditedSize());
      assertEquals(Optional.empty(), life.ward.owed(Duration.ZERO));
    }
    assertEquals(List.of(), candidates);
  }

  /** Gives nobody a slot. */
  private static final AuditRota BUSY =
      new AuditRota() {
        @Override
        public void opened(AuditRota.Replays ward, long auditedSize, long size) {}

        @Override
        public void arrived(AuditRota.Replays ward, List<Long> sizes) {}

        @Override
        public void canGoOn(AuditRota.Replays ward) {}
      };

  /** Nobody sheds what is in a log by beginning another one before it was replayed. */
  @Test
  void whatIsStoredOfAClosedLogIsReplayedToItsEnd() {
    rota = () -> BUSY;
    record("a", 4);
    try (Life life = new Life("a", honest)) {
      life.follow();
      assertEquals(0, life.ward.auditedSize());
      life.ward.closed();
      run();
      assertEquals(life.stored.size(), life.ward.auditedSize());
    }
    assertEquals(List.of(), candidates);
  }

  /** A log that its members have closed, a witness that is behind, and others who have more. */
  private final class Closed {
    private final MemoryLog log = consortium.member("a").log();
    private final List<SignedCheckpoint> checkpoints;
    private final TreeHead close;

    /** The next log, which begins with the closed one. */
    private final Origin next = new Origin(network.genesis().networkId(), "a", 1);

    Closed(Life brief) {
      long held = brief.stored.size();
      record("a", 12);
      checkpoints =
          log.checkpoints().stream().filter(checkpoint -> checkpoint.size() > held).toList();
      close = checkpoints.get(7).head();
      NodeRecord begins = Polity.next(network.node("a"));
      Polity polity = new Polity(network);
      decisions =
          polity.decide(
              decisions,
              new ClosedLog.Clean(close, Hash.sha256(), network.genesis().foundedMillis())
                  .approval(polity.enrolment(begins, Polity.signer(begins.member()))));
    }

    SignedCheckpoint nextCheckpoint() {
      return sign(TestNetwork.signer("log a/1"), next, log.newest().orElseThrow().head());
    }

    /** Another history. */
    SignedCheckpoint fork(long size) {
      return sign(
          network.logKey("a"),
          log.newest().orElseThrow().origin(),
          new TreeHead(size, Hash.sha256()));
    }

    LogFrame frame(SignedCheckpoint checkpoint, long from, long to) {
      return LogFrame.chunk(checkpoint.bytes(), log, from, to);
    }
  }

  private static SignedCheckpoint sign(Signer key, Origin log, TreeHead head) {
    return ((CheckpointSigner.Signed)
            CheckpointSigner.guarding(key, log, SigningMark.NOTHING_SIGNED).sign(head))
        .checkpoint();
  }

  private void take(Life life, LogFrame frame) {
    life.ward.frame(frame, unusable::add, () -> {}, () -> {});
    run();
  }

  /** protocol.md §11.3: a fork between the end of the copy and the close does not get away. */
  @Test
  void aClosedLogIsCompletedOutOfTheNextOneAndWhatWaitedIsCompared() {
    record("a", 4);
    Closed closed;
    SignedCheckpoint fork;
    try (Life life = new Life("a", honest)) {
      life.follow();
      closed = new Closed(life);
      fork = closed.fork(closed.close.size() - 1);
      assertEquals(Replica.Comparison.AHEAD, life.shown(fork));
      life.ward.closed();
      run();
      assertFalse(life.ward.isComplete());
    }
    // Nobody shows it again after this restart.
    try (Life life = new Life("a", honest)) {
      life.ward.closed();
      run();
      long held = life.stored.size();
      life.ward.expectFrom(from -> assertEquals(held, from));
      run();
      SignedCheckpoint next = closed.nextCheckpoint();
      long middle = held + 3;
      take(life, closed.frame(next, held, middle));
      // What is behind the close is of the next log.
      take(life, closed.frame(next, middle, closed.close.size() + 2));
      assertEquals(closed.close.size(), life.stored.size());
      assertEquals(closed.close.size(), life.ward.auditedSize(), "replayed");
      assertEquals(List.of(), unusable);
      take(life, closed.frame(next, closed.close.size() + 2, closed.close.size() + 4));
      assertEquals(List.of("not_of_the_closed_log"), unusable);
      assertEquals(closed.close.size(), life.stored.size());
      assertFalse(life.ward.isComplete(), "nothing that its key has signed is over it");
      assertEquals(List.of(), candidates);
      assertEquals(
          Replica.Comparison.CONSISTENT, life.shown(checkpointAt(closed, closed.close.size())));
      assertTrue(life.ward.isComplete());
      assertEquals(1, candidates.size(), "the fork");
    }
  }

  private static SignedCheckpoint checkpointAt(Closed closed, long size) {
    return closed.checkpoints.stream().filter(it -> it.size() == size).findFirst().orElseThrow();
  }

  /** Whether what waits was shown before the decision or since: nobody shows it again. */
  @Test
  void whatWaitsForARestOfAClosedLogSurvivesARestart() {
    record("a", 4);
    DecisionChain before = decisions;
    Closed closed;
    SignedCheckpoint early;
    SignedCheckpoint late;
    try (Life life = new Life("a", honest)) {
      life.follow();
      closed = new Closed(life);
      early = closed.fork(closed.close.size() - 1);
      late = closed.fork(closed.close.size() - 2);
      DecisionChain decided = decisions;
      decisions = before;
      assertEquals(Replica.Comparison.AHEAD, life.shown(early));
      decisions = decided;
      life.ward.closed();
      run();
    }
    try (Life life = new Life("a", honest)) {
      // The decision is known, and the ward not closed yet.
      assertEquals(Replica.Comparison.AHEAD, life.shown(late));
    }
    try (Life life = new Life("a", honest)) {
      life.ward.closed();
      run();
      SignedCheckpoint last = checkpointAt(closed, closed.close.size());
      take(life, closed.frame(last, life.stored.size(), last.size()));
      assertEquals(2, candidates.size(), "both forks");
    }
  }

  @Test
  void whatWasShownOfTheRestCoversIt() {
    record("a", 4);
    try (Life life = new Life("a", honest)) {
      life.follow();
      Closed closed = new Closed(life);
      SignedCheckpoint genuine = closed.checkpoints.get(5);
      assertEquals(Replica.Comparison.AHEAD, life.shown(genuine));
      assertEquals(Replica.Comparison.AHEAD, life.shown(closed.fork(genuine.size() - 1)));
      life.ward.closed();
      run();
      take(life, closed.frame(closed.nextCheckpoint(), life.stored.size(), closed.close.size()));
      assertEquals(genuine, life.ward.newest().orElseThrow());
      assertEquals(1, candidates.size(), "the fork");
    }
  }

  @Test
  void aCheckpointOverWhatIsHereIsStillFetched() {
    record("a", 4);
    try (Life life = new Life("a", honest)) {
      life.follow();
      long covered = life.stored.size();
      Closed closed = new Closed(life);
      life.ward.closed();
      run();
      take(life, closed.frame(closed.nextCheckpoint(), covered, closed.close.size()));
      assertEquals(closed.close.size(), life.stored.size());
      life.ward.expectFrom(from -> assertEquals(covered, from));
      run();
      SignedCheckpoint last = checkpointAt(closed, closed.close.size());
      take(life, closed.frame(last, covered, covered + 2));
      take(life, closed.frame(last, covered + 2, last.size()));
      assertEquals(last, life.ward.newest().orElseThrow());
      assertTrue(life.ward.isComplete());
      assertEquals(List.of(), unusable);
    }
    assertEquals(List.of(), candidates);
  }

  @Test
  void aCopyThatEndsAtTheCloseBringsTheCheckpointOverIt() {
    record("a", 4);
    try (Life life = new Life("a", honest)) {
      life.follow();
      Closed closed = new Closed(life);
      life.ward.closed();
      run();
      SignedCheckpoint last = checkpointAt(closed, closed.close.size());
      take(life, closed.frame(last, life.stored.size(), last.size()));
      assertEquals(last, life.ward.newest().orElseThrow());
      assertTrue(life.ward.isComplete());
    }
  }

  /** A node that begins again costs its witnesses its state once, not once for each time. */
  @Test
  void theStateOfAClosedLogIsLetGoOnceItIsCompleteAndReplayedToItsEnd() {
    record("a", 4);
    try (Life life = new Life("a", honest)) {
      life.follow();
      Closed closed = new Closed(life);
      life.ward.closed();
      run();
      assertTrue(life.ward.auditedState().isPresent(), "it is to go on to the close");
      take(life, closed.frame(closed.nextCheckpoint(), life.stored.size(), closed.close.size()));
      assertEquals(closed.close.size(), life.ward.auditedSize());
      assertTrue(life.ward.auditedState().isPresent(), "no checkpoint is over it");
      SignedCheckpoint last = checkpointAt(closed, closed.close.size());
      assertEquals(Replica.Comparison.CONSISTENT, life.shown(last));
      assertTrue(life.ward.isComplete());
      assertEquals(Optional.empty(), life.ward.auditedState());
      // Somebody has more of it: that is replayed from there on.
      long replayed = life.ward.replayedEntries();
      SignedCheckpoint end = closed.log.newest().orElseThrow();
      life.ward.expectFrom(from -> assertEquals(last.size(), from));
      run();
      take(life, closed.frame(end, last.size(), end.size()));
      assertEquals(end.size(), life.ward.auditedSize());
      assertEquals(end.size() - last.size(), life.ward.replayedEntries() - replayed);
      assertEquals(Optional.empty(), life.ward.auditedState());
    }
    try (Life life = new Life("a", honest)) {
      life.ward.closed();
      run();
      assertEquals(life.stored.size(), life.ward.auditedSize());
      assertEquals(0, life.ward.replayedEntries(), "it was remembered");
      assertEquals(Optional.empty(), life.ward.auditedState());
    }
    assertEquals(List.of(), unusable);
    assertEquals(List.of(), candidates);
  }

  /** Who it is measured under has begun again, and others bring what is missing. */
  @Test
  void nothingThatComesOfAClosedLogIsMeasuredOfItsNode() {
    record("a", 4);
    try (Life life = new Life("a", honest)) {
      life.follow();
      assertEquals(Replica.Comparison.CONSISTENT, life.shown(life.ward.newest().orElseThrow()));
      life.ward.returned();
      assertEquals(Set.of("stored a", "compared a", "returned a"), new TreeSet<>(measurements));
      measurements.clear();
      Closed closed = new Closed(life);
      life.ward.closed();
      run();
      SignedCheckpoint last = checkpointAt(closed, closed.close.size());
      assertEquals(Replica.Comparison.AHEAD, life.shown(last));
      take(life, closed.frame(last, life.stored.size(), last.size()));
      assertEquals(Replica.Comparison.CONSISTENT, life.shown(last));
      life.ward.returned();
      assertTrue(life.ward.isComplete());
      assertEquals(List.of(), measurements);
    }
  }

  /**
   * Nothing of it is under any checkpoint here, and two of them convict their node all the same.
   */
  @Test
  void twoHistoriesOfALogOfWhichNothingIsHereAreProven() {
    record("a", 2);
    try (Life life = new Life("a", honest)) {
      Origin log = network.genesis().origin(network.node("a"));
      SignedCheckpoint one = sign(network.logKey("a"), log, new TreeHead(30, Hash.sha256()));
      SignedCheckpoint other =
          sign(network.logKey("a"), log, new TreeHead(30, Hash.sha256(new byte[] {1})));
      assertEquals(Replica.Comparison.AHEAD, life.shown(one));
      assertEquals(Replica.Comparison.AHEAD, life.shown(other));
      assertEquals(1, candidates.size());
    }
  }

  /** Its witness may have had more of it than where the members have closed it. */
  @Test
  void aCopyThatIsLongerThanTheCloseIsTakenToItsEnd() {
    record("a", 4);
    try (Life life = new Life("a", honest)) {
      life.follow();
      Closed closed = new Closed(life);
      life.ward.closed();
      run();
      SignedCheckpoint end = closed.log.newest().orElseThrow();
      long middle = closed.close.size() + 1;
      assertTrue(middle < end.size());
      take(life, closed.frame(end, life.stored.size(), middle));
      assertEquals(closed.close.size(), life.stored.size());
      take(life, closed.frame(end, middle, end.size()));
      assertEquals(end, life.ward.newest().orElseThrow());
      assertEquals(end.size(), life.ward.auditedSize());
      assertEquals(List.of(), unusable);
    }
    assertEquals(List.of(), candidates);
  }

  @Test
  void whatIsNotTheClosedLogCompletesNothing() {
    record("a", 4);
    try (Life life = new Life("a", honest)) {
      life.follow();
      long held = life.stored.size();
      Closed closed = new Closed(life);
      life.ward.closed();
      run();
      // A copy that ends before the close may be of another past.
      SignedCheckpoint early = closed.checkpoints.get(3);
      take(life, closed.frame(early, held, early.size()));
      assertEquals(List.of("not_of_the_closed_log"), unusable);
      for (SignedCheckpoint under :
          List.of(closed.nextCheckpoint(), checkpointAt(closed, closed.close.size()))) {
        unusable.clear();
        life.ward.expectFrom(from -> assertEquals(held, from));
        run();
        List<Bytes> entries =
            new ArrayList<>(closed.frame(under, held, closed.close.size()).entries());
        entries.set(1, Bytes.utf8("another"));
        take(life, new LogFrame(under.bytes(), entries));
        assertEquals(List.of("close_differs"), unusable);
      }
      assertEquals(held, life.stored.size());
      // A genuine one that it was shown so is kept all the same.
      assertEquals(Replica.Comparison.AHEAD, life.shown(closed.fork(closed.close.size())));
      assertEquals(1, candidates.size(), "two histories up to the close");
    }
  }

  /** A log that its node has written otherwise for us, at least as far as it was closed. */
  @Test
  void aCopyOfAnotherPastIsNeverCompleteButSettledOnceItsNodeIsConvicted() {
    record("a", 4);
    try (Life life = new Life("a", honest)) {
      life.follow();
      record("a", 4);
      SignedCheckpoint shorter = life.log.newest().orElseThrow();
      record("a", 4);
      life.follow();
      SignedCheckpoint held = life.ward.newest().orElseThrow();
      assertTrue(shorter.size() < held.size());
      approve(new TreeHead(shorter.size(), Hash.sha256(new byte[] {4})));
      life.ward.closed();
      run();
      assertTrue(life.ward.isFull());
      assertFalse(life.ward.isComplete());
      assertFalse(life.ward.isSettled());
      assertEquals(List.of(held), life.ward.halves());
      assertFalse(life.ward.goesOnTo(sign(network.logKey("a"), held.origin(), beyond(held))));
      SignedCheckpoint half =
          sign(
              network.logKey("a"),
              held.origin(),
              new TreeHead(shorter.size(), Hash.sha256(new byte[] {4})));
      assertEquals(Replica.Comparison.CONFLICT, life.shown(half));
      assertEquals(1, candidates.size());
      assertTrue(life.ward.isSettled());
      assertFalse(life.ward.isComplete());
    }
  }

  private static TreeHead beyond(SignedCheckpoint held) {
    return new TreeHead(held.size() + 1, Hash.sha256());
  }

  private void approve(TreeHead close) {
    NodeRecord begins = Polity.next(network.node("a"));
    Polity polity = new Polity(network);
    decisions =
        polity.decide(
            decisions,
            new ClosedLog.Clean(close, Hash.sha256(), network.genesis().foundedMillis())
                .approval(polity.enrolment(begins, Polity.signer(begins.member()))));
  }

  /** The log may have a decision a little before whoever keeps them: then nothing is kept yet. */
  @Test
  void whatIsAheadOfAClosedLogIsTakenOnceItIsKept() {
    record("a", 4);
    DecisionChain before = decisions;
    Closed closed;
    try (Life life = new Life("a", honest)) {
      life.follow();
      closed = new Closed(life);
      SignedCheckpoint fork = closed.fork(closed.close.size() - 1);
      DecisionChain decided = decisions;
      decisions = before;
      assertEquals(Ward.Shown.AHEAD, show(life, fork));
      decisions = decided;
      assertEquals(Ward.Shown.KEPT, show(life, fork));
    }
    try (Life life = new Life("a", honest)) {
      life.ward.closed();
      run();
      SignedCheckpoint last = checkpointAt(closed, closed.close.size());
      take(life, closed.frame(last, life.stored.size(), last.size()));
      assertEquals(1, candidates.size(), "it was kept");
    }
  }

  /** Whoever shows it is told that it is not kept: a client shows it to somebody else. */
  @Test
  void whatIsOneTooManyOfAClosedLogIsDroppedAndNotSaidToBeKept() {
    record("a", 4);
    try (Life life = new Life("a", honest)) {
      life.follow();
      Closed closed = new Closed(life);
      life.ward.closed();
      run();
      long end = closed.close.size();
      for (int i = 0; i < Replica.MAX_AHEAD; i++) {
        assertEquals(Ward.Shown.KEPT, show(life, closed.fork(end + i)));
      }
      SignedCheckpoint far = closed.fork(end + Replica.MAX_AHEAD);
      assertEquals(Ward.Shown.DROPPED, show(life, far));
      assertEquals(Ward.Shown.KEPT, show(life, closed.fork(end - 1)), "it is nearer");
      SignedCheckpoint forged = sign(TestNetwork.signer("stranger"), far.origin(), far.head());
      assertEquals(Ward.Shown.REFUSED, show(life, forged));
    }
  }

  private Ward.Shown show(Life life, SignedCheckpoint checkpoint) {
    CompletableFuture<Ward.Shown> shown = life.ward.show(checkpoint);
    run();
    return shown.join();
  }

  private static final int PART = 7;

  private Effect.Produced production(MemoryLog log, SignedCheckpoint promised, long from) {
    int count = (int) Math.min(PART, promised.size() - from);
    return new Effect.Produced(
        new Claim.Audit(consortium.checkpoints().verify(promised).orElseThrow(), from, count),
        LongStream.range(from, from + count).mapToObj(log::entry).toList(),
        Multiproof.buildRange(log, promised.size(), from, from + count));
  }

  /**
   * A promise may be as far away as the ward likes: what has come of it is kept, replayed, and not
   * asked for again, not even after a restart.
   */
  @Test
  void whatHasComeOfAPromiseIsNeverLost() {
    record("a", 4);
    SignedCheckpoint far;
    long from;
    try (Life life = new Life("a", honest)) {
      life.follow();
      record("a", 40);
      far = life.log.newest().orElseThrow();
      life.shown(far);
      from = life.stored.size();
      for (int part = 0; part < 5; part++, from += PART) {
        life.ward.produced(production(life.log, far, from));
        run();
        assertEquals(from + PART, life.stored.size());
      }
      assertTrue(life.ward.auditedSize() > from - PART, "replayed as it comes");
      assertTrue(life.ward.newest().orElseThrow().size() < from, "not covered yet");
    }
    try (Life life = new Life("a", honest)) {
      nowNanos += Duration.ofSeconds(5).toNanos();
      assertEquals(Optional.of(new Ward.Owed(far, from)), life.ward.owed(Duration.ofSeconds(5)));
      for (; from < far.size(); from += PART) {
        life.ward.produced(production(life.log, far, from));
        run();
      }
      assertEquals(far, life.ward.newest().orElseThrow());
      assertEquals(far.size(), life.ward.auditedSize());
    }
    // Nothing is left of the promise.
    try (Life life = new Life("a", honest)) {
      assertEquals(Optional.empty(), life.ward.owed(Duration.ZERO));
      assertEquals(far.size(), life.stored.size());
    }
    assertEquals(List.of(), candidates);
  }

  /** It may go on by its stream where it has left off in answers. */
  @Test
  void partsAndStreamGoTogether() {
    record("a", 4);
    try (Life life = new Life("a", honest)) {
      life.follow();
      record("a", 20);
      SignedCheckpoint far = life.log.newest().orElseThrow();
      life.shown(far);
      long from = life.stored.size();
      // Three entries have come by the stream, of a range that is not complete.
      life.ward.expectFrom(at -> {});
      life.ward.frame(
          LogFrame.chunk(far.bytes(), life.log, from, from + 3), unusable::add, () -> {}, () -> {});
      life.ward.produced(production(life.log, far, from));
      run();
      life.ward.frame(
          LogFrame.chunk(far.bytes(), life.log, from + 3, far.size()),
          unusable::add,
          () -> {},
          () -> {});
      run();
      assertEquals(far, life.ward.newest().orElseThrow());
      // And the other way round, from a new connection.
      record("a", 20);
      SignedCheckpoint next = life.log.newest().orElseThrow();
      life.shown(next);
      life.ward.produced(production(life.log, next, far.size()));
      run();
      life.ward.expectFrom(at -> assertEquals(far.size() + PART, at));
      life.follow();
      assertEquals(next, life.ward.newest().orElseThrow());
      assertEquals(next.size(), life.ward.auditedSize());
    }
    assertEquals(List.of(), unusable);
    assertEquals(List.of(), candidates);
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

  /** Nothing more of it comes: whoever shows one too many would wait for ever. */
  @Test
  void noCheckpointOfAClosedLogIsOneTooMany() {
    record("a", 5);
    try (Life life = new Life("a", honest)) {
      life.follow();
      record("a", 100);
      List<SignedCheckpoint> later =
          life.log.checkpoints().stream()
              .filter(checkpoint -> checkpoint.size() > life.stored.size())
              .toList();
      life.ward.closed();
      run();
      assertTrue(later.size() > Replica.MAX_AHEAD);
      later.forEach(each -> assertEquals(Replica.Comparison.AHEAD, life.shown(each)));
      // Not what somebody else has signed in its name.
      SignedCheckpoint forged =
          ((CheckpointSigner.Signed)
                  CheckpointSigner.guarding(
                          TestNetwork.signer("forger"),
                          later.get(0).origin(),
                          SigningMark.NOTHING_SIGNED)
                      .sign(later.get(later.size() - 1).head()))
              .checkpoint();
      assertEquals(Replica.Comparison.REFUSED, life.shown(forged));
    }
  }

  @Test
  void whatTheWardHasSignedCountsBeforeItIsStored() {
    record("a", 5);
    try (Life life = new Life("a", honest)) {
      life.follow();
      assertEquals(0, life.ward.lag());
      assertEquals(0, life.ward.missing());
      record("a", 100);
      List<SignedCheckpoint> later =
          life.log.checkpoints().stream()
              .filter(checkpoint -> checkpoint.size() > life.stored.size())
              .toList();
      assertTrue(later.size() > Replica.MAX_AHEAD);

      later
          .subList(0, Replica.MAX_AHEAD)
          .forEach(each -> assertEquals(Replica.Comparison.AHEAD, life.shown(each)));
      assertEquals(
          later.get(Replica.MAX_AHEAD - 1).size() - life.stored.size(), life.ward.missing());
      // No room to compare it later, but it is known what it promises.
      SignedCheckpoint newest = later.get(later.size() - 1);
      assertEquals(Replica.Comparison.REFUSED, life.shown(newest));
      assertEquals(newest.size() - life.stored.size(), life.ward.missing());
      assertEquals(newest.size() - life.ward.auditedSize(), life.ward.lag());

      life.follow();
      assertEquals(0, life.ward.missing());
      assertEquals(0, life.ward.lag());
    }
  }

  @Test
  void whatSomebodyElseHasSignedPromisesNothing() {
    record("a", 5);
    record("b", 50);
    try (Life life = new Life("a", honest)) {
      life.follow();
      SignedCheckpoint stranger = consortium.member("b").log().newest().orElseThrow();
      assertTrue(stranger.size() > life.stored.size());
      assertEquals(Replica.Comparison.REFUSED, life.shown(stranger));
      assertEquals(0, life.ward.missing());
    }
  }

  /** LMDB's smallest useful map: what does not fit any more is told, and tried again with room. */
  @Test
  void aLogThatCannotBeKeptIsToldAndItsLagGrows() {
    record("a", 5);
    try (Life life = new Life("a", honest, new PartialBudget(64 << 20), 160 << 10)) {
      life.follow();
      assertEquals(Optional.empty(), life.ward.keepTrouble());
      long kept = life.stored.size();
      assertEquals(life.log.size(), kept);

      record("a", 400);
      life.follow();
      assertTrue(life.ward.keepTrouble().orElseThrow().startsWith("store_full: "));
      assertEquals(List.of("store_full"), unusable);
      assertEquals(kept, life.stored.size());
      assertEquals(life.log.size() - kept, life.ward.missing());
      assertEquals(life.log.size() - kept, life.ward.lag());
    }
    try (Life life = new Life("a", honest)) {
      life.follow();
      assertEquals(Optional.empty(), life.ward.keepTrouble());
      assertEquals(0, life.ward.lag());
    }
    assertEquals(List.of(), candidates);
  }

  /**
   * The audit sees a fault, the verifier does not: one of them is wrong, and it is not the ward.
   */
  @Test
  void aFindingThatNobodyCanProveIsOurFaultAndTriedAgain() {
    record("a", 5);
    Notes fickle = new Notes();
    fickle.answersOtherwise = 1;
    fickle.otherwiseAt = "note 3";
    try (Life life = new Life("a", fickle)) {
      life.follow();
      String trouble = life.ward.trouble().orElseThrow();
      assertTrue(
          trouble.contains("breaks outcome_differs and no proof of it is accepted"), trouble);
      assertEquals(1, life.ward.auditFailures());
      assertTrue(life.ward.auditedSize() < life.log.size());
      assertEquals(List.of(1_000L), pauses);
      assertEquals(List.of(), candidates);

      retries.remove().run();
      run();
      assertEquals(Optional.empty(), life.ward.trouble());
      assertEquals(life.log.size(), life.ward.auditedSize());
    }
    assertEquals(List.of(), candidates);
    assertEquals(List.of(), unusable);
  }

  /** Execution fails without throwing at us: it ends the audit with no verdict, and is no fault. */
  @Test
  void anEntryThatCannotBeExecutedDecidesNothing() {
    record("a", 5);
    Notes broken = new Notes();
    broken.failsAt = "note 3";
    try (Life life = new Life("a", broken)) {
      life.follow();
      String trouble = life.ward.trouble().orElseThrow();
      assertTrue(trouble.contains("cannot be executed: java.lang.StackOverflowError"), trouble);
      long clean = life.ward.auditedSize();
      assertTrue(clean > 1 && clean < life.log.size(), "clean up to " + clean);

      broken.failsAt = "";
      retries.remove().run();
      run();
      assertEquals(Optional.empty(), life.ward.trouble());
      assertEquals(life.log.size(), life.ward.auditedSize());
    }
    assertEquals(List.of(), candidates);
  }

  /** A witness with room for a few entries only follows a log of many from its beginning. */
  @Test
  void aLogOfAnySizeIsFollowedInPiecesThatFit() {
    long pieceBytes = 4_000;
    long commitBytes = 2_000;
    record("a", 200);
    try (Life life = new Life("a", honest, new PartialBudget(pieceBytes + commitBytes), MAP_BYTES);
        LmdbLogStore wards =
            LmdbLogStore.open(
                new LmdbLogStore.Options(directory.resolve("own"), MAP_BYTES, 1),
                Latch.open(List.of(directory.resolve("latch-own"))))) {
      StoredLog own = ownLog(wards, life.log);
      PublishedLog newest = PublishedLog.of(life.log.newest().orElseThrow(), own);
      assertTrue(bytes(own, 0, own.size()) > 5 * (pieceBytes + commitBytes));
      // At once it is too much.
      life.receive(newest);
      assertEquals(List.of("range_too_large"), unusable);
      assertEquals(0, life.stored.size());
      unusable.clear();

      LogRanges ranges = new LogRanges(own, LogRanges.MAX_ENTRIES, pieceBytes);
      int pieces = 0;
      while (life.stored.size() < newest.size()) {
        long before = life.stored.size();
        PublishedLog next = ranges.next(newest, before);
        assertTrue(bytes(own, before, next.size()) <= pieceBytes + commitBytes);
        life.receive(next);
        assertEquals(next.size(), life.stored.size());
        pieces++;
      }
      assertTrue(pieces > 5, "in " + pieces);
      assertEquals(List.of(), unusable);
      assertEquals(newest.size(), life.ward.auditedSize());
    }
  }

  /** The ward's log as its own node has it on disk, every commit with its checkpoint. */
  private static StoredLog ownLog(LmdbLogStore store, MemoryLog log) {
    StoredLog own = store.log(log.newest().orElseThrow().origin().format());
    for (SignedCheckpoint checkpoint : log.checkpoints()) {
      List<Bytes> entries = new ArrayList<>();
      for (long index = own.size(); index < checkpoint.size(); index++) {
        entries.add(log.entry(index));
      }
      store.commit(
          new LogWrites()
              .append(own, own.size(), entries)
              .checkpoint(own, checkpoint.head(), checkpoint.bytes()));
    }
    return own;
  }

  private static long bytes(StoredLog log, long from, long to) {
    return log.entries(from, to, StoredLog.MAX_READ_BYTES).stream().mapToLong(Bytes::size).sum();
  }

  /** Keeps every note under its own text. */
  private static final class Notes implements Program {
    private String failsAt = "";
    private String otherwiseAt = "";
    private int answersOtherwise;

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
      if (submission.body().equals(Bytes.utf8(otherwiseAt)) && answersOtherwise > 0) {
        answersOtherwise--;
        return Bytes.utf8("otherwise");
      }
      return Bytes.utf8("ok");
    }

    @Override
    public void receive(String from, Bytes payload, Context context) {}

    @Override
    public void returned(String to, Bytes payload, boolean isTaken, Context context) {}

    @Override
    public void tick(Context context) {}
  }
}
