package org.probity.node.runtime;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.probity.detector.audit.AuditSlot;
import org.probity.detector.audit.ConformanceAudit;
import org.probity.detector.audit.Finding;
import org.probity.detector.audit.PromisedLog;
import org.probity.detector.audit.Proof;
import org.probity.detector.audit.Replica;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.CheckpointVerifier;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.Replay;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.evidence.EvidenceVerifier;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Seating;
import org.probity.detector.log.Entry;
import org.probity.detector.log.EntryType;
import org.probity.detector.log.Origin;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.TreeHead;
import org.probity.detector.node.Effect;
import org.probity.detector.state.StateTree;
import org.probity.node.http.NodeService;
import org.probity.node.http.wire.LogFrame;
import org.probity.node.scoring.PeerObserver;
import org.probity.node.store.LmdbLogStore;
import org.probity.node.store.LogWrites;
import org.probity.node.store.StoreException;
import org.probity.node.store.StoredLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One ward of this node: its log is followed and stored here, and replayed when it is its turn.
 *
 * <p>Everything happens in the order of {@code worker}, one task at a time, off the event loop:
 * hashing, the durable write, signatures (spread over {@code verifiers}) and execution. What is
 * found leaves as candidate bytes; only the verifier makes evidence of them.
 *
 * <p>An exception in the audit is our bug or our disk and says nothing about the ward: the audit
 * goes back to the last STATE that was clean and tries again, later and later, and {@link #trouble}
 * says so meanwhile. The log is still followed, stored and compared.
 */
final class Ward implements AuditRota.Replays {
  private static final Logger LOG = LoggerFactory.getLogger(Ward.class);

  /** Entries replayed between two looks at what else is to be done. */
  private static final int AUDIT_PIECE = 512;

  static final long FIRST_RETRY_MILLIS = 1_000;
  static final long LAST_RETRY_MILLIS = 60_000;

  private final Machine machine;
  private final Replica replica;
  private final StoredLog stored;
  private final LmdbLogStore store;
  private final AuditMemory memory;
  private final StatementVerifier statements;
  private final EvidenceVerifier verifier;
  private final Supplier<DecisionChain> decisions;
  private final Executor worker;
  private final Executor verifiers;
  private final Findings findings;
  private final Consumer<Duration> auditTook;
  private final Retry retry;
  private final AuditRota rota;
  private final PeerObserver observer;
  private final CheckpointRelay relay;
  private final Bytes relayKey;
  private final Bytes promiseKey;
  private final ClosedCopy closing;

  // Owned by the worker.
  private @Nullable ConformanceAudit audit;
  private boolean auditBroken;
  private final List<Runnable> progressListeners = new CopyOnWriteArrayList<>();
  private final PartialBudget budget;
  private final List<Bytes> partial = new ArrayList<>();
  private long partialBytes;

  /** Entries that the running stream is still to bring and that have come another way. */
  private long skipped;

  private boolean reported;
  private boolean isOpen;
  private boolean waitsForRetry;
  private long retryMillis = FIRST_RETRY_MILLIS;

  private volatile long auditedSize;
  private volatile @Nullable Finding finding;
  private volatile @Nullable StateTree auditedState;
  private final AtomicLong replayedEntries = new AtomicLong();
  private final AtomicLong auditFailures = new AtomicLong();
  private volatile @Nullable String trouble;
  private volatile @Nullable String keepTrouble;
  private volatile long highestSeen;
  private final PromisedLog promised;
  private volatile boolean stopped;

  /** Whether it is in no rounds any more, because this incarnation is closed. */
  private volatile boolean closed;

  private volatile @Nullable SignedCheckpoint newest;

  /** What a ward's log has shown. Called on the ward's worker. */
  interface Findings {
    /** Bytes that may be evidence against the ward. */
    void candidate(Bytes evidence);
  }

  /** Runs a task after a pause, on any thread. */
  interface Retry {
    void after(long millis, Runnable task);
  }

  Ward(
      Machine machine,
      Replica replica,
      StoredLog stored,
      LmdbLogStore store,
      AuditMemory memory,
      StatementVerifier statements,
      Supplier<DecisionChain> decisions,
      Executor worker,
      Executor verifiers,
      CheckpointVerifier checkpoints,
      CheckpointRelay.Core core,
      Findings findings,
      Consumer<Duration> auditTook,
      PartialBudget budget,
      Retry retry,
      AuditRota rota,
      PeerObserver observer,
      LongSupplier nanoTime) {
    this.machine = machine;
    this.replica = replica;
    this.stored = stored;
    this.store = store;
    this.memory = memory;
    this.statements = statements;
    this.decisions = decisions;
    this.verifier =
        new EvidenceVerifier(machine.genesis(), Map.of(machine.program().id(), machine.program()));
    this.worker = worker;
    this.verifiers = verifiers;
    this.findings = findings;
    this.auditTook = auditTook;
    this.budget = budget;
    this.retry = retry;
    this.rota = rota;
    this.observer = observer;
    this.relayKey = Bytes.utf8("relay/" + stored.origin());
    this.relay =
        new CheckpointRelay(
            machine.genesis(),
            machine.self(),
            stored,
            store.get(relayKey),
            checkpoints,
            worker,
            core);
    this.newest = stored.checkpoint().map(Ward::checkpoint).orElse(null);
    this.promised =
        new PromisedLog(() -> NANOSECONDS.toMillis(nanoTime.getAsLong()), coveredSize(stored));
    this.promiseKey = Bytes.utf8("promise/" + stored.origin());
    this.closing = new ClosedCopy(machine.origin(), stored, store, decisions);
    // What it has begun to produce it still owes the rest of.
    store.get(promiseKey).map(Ward::checkpoint).ifPresent(this::seen);
  }

  /** Of the newest checkpoint whose entries are stored. */
  static long coveredSize(StoredLog stored) {
    return stored.checkpoint().map(Ward::checkpoint).map(SignedCheckpoint::size).orElse(0L);
  }

  @Override
  public String node() {
    return machine.self().node();
  }

  @Override
  public boolean isClosed() {
    return closed;
  }

  StoredLog stored() {
    return stored;
  }

  /** Of the log: the ward in one of its incarnations. */
  Origin origin() {
    return machine.origin();
  }

  /** The node in that incarnation. */
  NodeRecord record() {
    return machine.self();
  }

  /** The newest checkpoint whose entries are stored here. */
  Optional<SignedCheckpoint> newest() {
    return Optional.ofNullable(newest);
  }

  /** The highest that it is known here to have signed, whether or not its entries are here. */
  Optional<SignedCheckpoint> farthest() {
    Optional<SignedCheckpoint> stored = newest();
    return promised
        .farthest()
        .filter(seen -> stored.filter(it -> it.size() >= seen.size()).isEmpty())
        .or(() -> stored);
  }

  /** Since a newer checkpoint was stored here; since the start if none was. */
  Duration checkpointAge() {
    return Duration.ofMillis(promised.storedAgeMillis());
  }

  /** Entries replayed clean. */
  long auditedSize() {
    return auditedSize;
  }

  /** Where the replay has stopped for good, if it has. */
  Optional<Finding> finding() {
    return Optional.ofNullable(finding);
  }

  /** The state there; empty until something was replayed in this process. Any thread. */
  Optional<StateTree> auditedState() {
    return Optional.ofNullable(auditedState);
  }

  /** Entries replayed since the start, the ones before what was remembered not counted. */
  long replayedEntries() {
    return replayedEntries.get();
  }

  /** How often the audit has thrown since the start. */
  long auditFailures() {
    return auditFailures.get();
  }

  /** Why the audit does not go on now; never the ward's fault. */
  Optional<String> trouble() {
    return Optional.ofNullable(trouble);
  }

  /** Why the log is not stored any more, if so; never the ward's fault. */
  Optional<String> keepTrouble() {
    return Optional.ofNullable(keepTrouble);
  }

  /**
   * Entries that the ward has signed and that were not replayed here: up to the newest checkpoint
   * seen of it anywhere, whether or not its entries have come and could be stored.
   */
  long lag() {
    return Math.max(0, Math.max(highestSeen, stored.size()) - auditedSize);
  }

  /**
   * Entries that the ward has signed and that are not stored here: its stream is behind, or it
   * withholds them.
   */
  long missing() {
    return Math.max(0, highestSeen - stored.size());
  }

  /** Its signature has been verified. */
  private void seen(SignedCheckpoint checkpoint) {
    highestSeen = Math.max(highestSeen, checkpoint.size());
    promised.seen(checkpoint);
  }

  /**
   * What the ward has signed and not produced.
   *
   * @param from the first entry that is missing
   */
  record Owed(SignedCheckpoint promised, long from) {}

  /**
   * What is missing although there is room for it here, if nothing has come for {@code patience} or
   * the ward {@link #isOverdue}; any thread.
   */
  Optional<Owed> owed(Duration patience) {
    return isOurFault() || !promised.isMissed(patience.toMillis())
        ? Optional.empty()
        : promised.owed().map(checkpoint -> new Owed(checkpoint, stored.size()));
  }

  /**
   * Whether the ward has had all its time for what it owes, see {@link PromisedLog}; any thread.
   */
  boolean isOverdue() {
    return !isOurFault() && promised.isOverdue();
  }

  private boolean isOurFault() {
    return keepTrouble != null || stopped;
  }

  /** What the ward has produced because it was challenged, verified under its checkpoint. */
  void produced(Effect.Produced answer) {
    worker.execute(
        () -> {
          try {
            take(answer);
          } catch (StoreException e) {
            notKept(e);
          } catch (RuntimeException | StackOverflowError e) {
            LOG.error("what {} has produced cannot be handled", node(), e);
          }
        });
  }

  private void take(Effect.Produced answer) {
    SignedCheckpoint due = answer.claim().checkpoint().signed();
    if (promised.owed().map(SignedCheckpoint::bytes).filter(due.bytes()::equals).isEmpty()) {
      return;
    }
    Replica.Produced part =
        replica.judge(
            due,
            answer.claim().from(),
            answer.entries(),
            answer.multiproof(),
            Optional.ofNullable(newest));
    if (part instanceof Replica.Produced.Forks forks) {
      findings.candidate(forks.candidate());
    } else if (part instanceof Replica.Produced.Continues next) {
      keep(due, next);
    }
  }

  /**
   * SPEC protocol.md §6.3: entries of wards are kept, also those before the end of what is
   * promised. They are in a tree that the ward has signed and that continues ours, so a restart or
   * a promise that is never reached takes nothing away again.
   */
  private void keep(SignedCheckpoint due, Replica.Produced.Continues next) {
    boolean isReached = next.after().size() == due.size();
    LogWrites writes =
        new LogWrites()
            .append(stored, next.firstIndex(), next.entries())
            .put(relayKey, relay.positions());
    if (isReached) {
      writes.checkpoint(stored, due.head(), due.bytes()).remove(promiseKey);
    } else {
      writes.put(promiseKey, due.bytes());
    }
    store.commit(writes);
    replica.kept(next);
    closing.grown();
    skip(next.entries().size());
    observed().stored(node(), next.entries());
    if (isReached) {
      covered(due);
    } else {
      replica.passed(stored).ifPresent(this::cover);
    }
    relay.pump();
    enter(next.firstIndex(), next.entries());
  }

  /** Entries that came another way than by the stream that is to bring them. */
  private void skip(int count) {
    int known = Math.min(count, partial.size());
    for (Bytes entry : partial.subList(0, known)) {
      partialBytes -= entry.size();
    }
    partial.subList(0, known).clear();
    skipped += count - known;
  }

  /** All that the checkpoint is over is stored; it is to be, too. */
  private void cover(SignedCheckpoint checkpoint) {
    try {
      store.commit(new LogWrites().checkpoint(stored, checkpoint.head(), checkpoint.bytes()));
    } catch (StoreException e) {
      // The entries are kept; a later checkpoint will be over them, too.
      notKept(e);
      return;
    }
    covered(checkpoint);
  }

  private void covered(SignedCheckpoint checkpoint) {
    List<SignedCheckpoint> reached = replica.covered(checkpoint);
    newest = checkpoint;
    promised.stored(checkpoint.size());
    progressed();
    reached.forEach(this::judge);
    reportAgain(checkpoint);
    if (closed) {
      worker.execute(this::replayRest);
    }
  }

  /** Why the audited state is not kept on disk any more, if so. */
  Optional<String> memoryFailure() {
    return memory.failure();
  }

  /** Calls {@code listener}, on the worker, whenever the log has grown or the audit moved. */
  NodeService.Registration onProgress(Runnable listener) {
    progressListeners.add(listener);
    return () -> progressListeners.remove(listener);
  }

  /** Begins with what is stored already. */
  void start() {
    worker.execute(this::openAudit);
    relay();
  }

  /** Passes on what the log has said of other logs, as far as anybody waits for it. */
  void relay() {
    worker.execute(relay::pump);
  }

  /** The witness seats are these from now on. */
  void seated(Seating seating) {
    opened(seating);
    relay();
  }

  /** The seats it is opened with: nothing is passed on before {@link #start}. */
  void opened(Seating seating) {
    worker.execute(() -> relay.seated(seating));
  }

  /** Entries whose checkpoints some witness has not confirmed yet. */
  long relayBehind() {
    return relay.behind();
  }

  /** Writes down how far the audit has come, from time to time; blocking. */
  void save() {
    memory.save();
  }

  /**
   * The members have let another incarnation begin. What is stored of this one is replayed to its
   * end, outside of all rounds, and passed on: nobody sheds what is in it by beginning again. What
   * is missing up to the close may come from anybody, see {@link #frame}; and what waits to be
   * compared with it survives a restart, see {@link ClosedCopy}. Once more is harmless.
   */
  void closed() {
    closed = true;
    worker.execute(this::closeHere);
    worker.execute(this::openAudit);
    worker.execute(this::replayRest);
    relay();
  }

  private void closeHere() {
    if (closing.isBegun()) {
      return;
    }
    // What was to come from the log itself and is not complete; the rest comes another way.
    forgetPartial();
    closing.begin();
    try {
      keepWaiting();
    } catch (StoreException e) {
      notKept(e);
    }
  }

  /** Where the members have closed the log, if they have. Any thread. */
  Optional<TreeHead> closedAt() {
    return closing.at();
  }

  /** See {@link ClosedCopy#isComplete}. Any thread. */
  boolean isComplete() {
    return closing.isComplete(covered());
  }

  /** See {@link ClosedCopy#isSettled}. Any thread. */
  boolean isSettled() {
    return closing.isSettled(covered());
  }

  /** See {@link ClosedCopy#isFull}. Any thread. */
  boolean isFull() {
    return closing.isFull();
  }

  /** Without a checkpoint nothing is covered, and there is none to be missing where nothing is. */
  private long covered() {
    return newest().map(SignedCheckpoint::size).orElse(0L);
  }

  /** Whether entries behind what is stored are any good for that checkpoint. Any thread. */
  boolean goesOnTo(SignedCheckpoint checkpoint) {
    return !closing.isOfAnotherPast() && checkpoint.size() > stored.size();
  }

  /** What its node has signed of what is held here, whole or in part. Any thread. */
  List<SignedCheckpoint> halves() {
    List<SignedCheckpoint> halves = new ArrayList<>();
    newest().ifPresent(halves::add);
    promised.owed().ifPresent(halves::add);
    return halves;
  }

  private void keepWaiting() {
    // Closed as soon as it is decided: whoever shows one then is told that it is kept.
    if (closing.at().isPresent()) {
      closing.recall().forEach(this::weigh);
      closing.keep(replica.waiting());
    }
  }

  private void replayRest() {
    boolean isRested = audit == null && auditedSize > 0 && auditedSize == stored.size();
    if (!isRested) {
      replayTo(stored.size(), end -> rest());
    }
  }

  /**
   * Of a closed log that is complete and replayed to its end nothing is needed any more but its
   * entries: a node that begins again and again does not cost its witnesses its state each time.
   */
  private void rest() {
    ConformanceAudit current = audit;
    if (current != null
        && current.finding().isEmpty()
        && auditedSize == stored.size()
        && isComplete()) {
      audit = null;
      auditedState = null;
      memory.rest();
    }
  }

  /** Audit and relay end after their present part. */
  void stop() {
    stopped = true;
    relay.stop();
  }

  /** Writes down how far the audit has come; call when the worker has ended. */
  void close() {
    memory.close();
  }

  /** Forgets an unfinished range and tells where the log is to be followed from. */
  void expectFrom(LongConsumer from) {
    worker.execute(
        () -> {
          forgetPartial();
          // Of a closed log also what lacks nothing but a checkpoint over it.
          long first = closing.isBegun() ? replica.coveredSize() : replica.size();
          skipped = replica.size() - first;
          from.accept(first);
        });
  }

  /**
   * A part of the log has arrived, right after the one before. Of a closed one it may be out of the
   * log that the next incarnation goes on with, whose entries up to the close are the same.
   *
   * @param unusable told, on the worker, if it was not what it must be: the stream is to be ended
   * @param stored told, on the worker, when the log has grown
   * @param handled told, on the worker, when the frame needs no memory any more
   */
  void frame(LogFrame frame, Consumer<String> unusable, Runnable stored, Runnable handled) {
    worker.execute(
        () -> {
          try {
            long before = replica.size();
            Optional<String> wrong = grow(frame);
            if (wrong.isPresent()) {
              unusable.accept(wrong.get());
            } else if (replica.size() > before) {
              keepTrouble = null;
              stored.run();
            }
          } catch (StoreException e) {
            notKept(e);
            unusable.accept(e.code().text());
          } catch (RuntimeException | StackOverflowError e) {
            // Our bug, whatever the ward has sent: its stream begins again, others do not notice.
            LOG.error("a part of the log of {} cannot be handled", node(), e);
            unusable.accept("internal");
          } finally {
            handled.run();
          }
        });
  }

  private void forgetPartial() {
    partial.clear();
    partialBytes = 0;
    budget.nothing(stored.origin());
  }

  /** Once per cause: it is tried again for as long as it lasts. */
  private void notKept(StoreException cause) {
    String why = cause.code().text() + ": " + cause.getMessage();
    if (!why.equals(keepTrouble)) {
      LOG.error("the log of {} cannot be kept: {}", node(), why);
    }
    keepTrouble = why;
  }

  /** What has become of a checkpoint that somebody has shown us. */
  enum Shown {
    CONSISTENT(Replica.Comparison.CONSISTENT),
    CONFLICT(Replica.Comparison.CONFLICT),
    /** Compared when the log has got that far, if it is shown again. */
    AHEAD(Replica.Comparison.AHEAD),
    /** As {@link #AHEAD}, but the log is closed, and this is kept until it can be compared. */
    KEPT(Replica.Comparison.AHEAD),
    /** Of a closed log, of which more than enough is kept that is nearer to the copy here. */
    DROPPED(Replica.Comparison.AHEAD),
    REFUSED(Replica.Comparison.REFUSED);

    private final Replica.Comparison comparison;

    Shown(Replica.Comparison comparison) {
      this.comparison = comparison;
    }

    Replica.Comparison comparison() {
      return comparison;
    }
  }

  /** Compares a checkpoint somebody has shown us; completes on the worker. */
  CompletableFuture<Replica.Comparison> compare(SignedCheckpoint checkpoint) {
    return show(checkpoint).thenApply(Shown::comparison);
  }

  /** The same, and what is to become of it. */
  CompletableFuture<Shown> show(SignedCheckpoint checkpoint) {
    return CompletableFuture.supplyAsync(
        () -> {
          // By the same decisions as what is kept: before it is judged, or it may not be.
          boolean isClosedHere = closedAt().isPresent();
          Shown shown = shown(checkpoint, judge(checkpoint), isClosedHere);
          // A conflict is evidence, and no measurement; what is refused may be anybody's.
          if (shown == Shown.CONSISTENT || shown == Shown.AHEAD) {
            observed().compared(node(), shown == Shown.CONSISTENT);
          }
          return shown;
        },
        worker);
  }

  private Shown shown(
      SignedCheckpoint checkpoint, Replica.Comparison judged, boolean isClosedHere) {
    return switch (judged) {
      case CONSISTENT -> Shown.CONSISTENT;
      case CONFLICT -> Shown.CONFLICT;
      case AHEAD -> isClosedHere ? Shown.KEPT : Shown.AHEAD;
      // Of a closed log nothing more comes that would make room among those that wait.
      case REFUSED -> closed && replica.isGenuine(checkpoint) ? Shown.DROPPED : Shown.REFUSED;
    };
  }

  /** Its log comes again after its stream had ended. */
  void returned() {
    observed().returned(node());
  }

  /** Of a closed log nothing is measured: what others say of it says nothing of its node now. */
  private PeerObserver observed() {
    return closed ? PeerObserver.BLIND : observer;
  }

  private Optional<String> grow(LogFrame frame) {
    SignedCheckpoint checkpoint;
    try {
      checkpoint = SignedCheckpoint.parse(frame.checkpoint());
    } catch (DecodeException e) {
      return Optional.of(e.code());
    }
    int known = (int) Math.min(skipped, frame.entries().size());
    skipped -= known;
    List<Bytes> entries = frame.entries().subList(known, frame.entries().size());
    if (known > 0 && entries.isEmpty() && partial.isEmpty()) {
      judge(checkpoint);
      return Optional.empty();
    }
    boolean isOwn = checkpoint.origin().equals(origin());
    Optional<TreeHead> lacking = closing.lacking();
    if (!closing.isOfUse(checkpoint)) {
      judge(checkpoint);
      return Optional.of("not_of_the_closed_log");
    }
    partial.addAll(entries);
    partialBytes += entries.stream().mapToLong(Bytes::size).sum();
    long needed = lacking.map(TreeHead::size).orElse(checkpoint.size());
    if (replica.size() + partial.size() < needed) {
      if (!budget.holds(stored.origin(), partialBytes, () -> worker.execute(this::forgetPartial))) {
        forgetPartial();
        return Optional.of("range_too_large");
      }
      return frame.entries().isEmpty() ? Optional.of("range_unexpected") : Optional.empty();
    }
    if (lacking.isPresent()) {
      Optional<String> wrong = complete(lacking.get(), checkpoint);
      if (wrong.isPresent() || !isOwn || checkpoint.size() == needed) {
        forgetPartial();
        return wrong;
      }
      // It was longer than where it is closed, and what it was then its node answers for.
      if (replica.size() + partial.size() < checkpoint.size()) {
        return Optional.empty();
      }
    }
    Replica.Growth growth = replica.grow(checkpoint, List.copyOf(partial));
    forgetPartial();
    if (growth instanceof Replica.Growth.WrongData wrong) {
      // The data prove nothing, but their checkpoint may be the other half of a fork.
      judge(checkpoint);
      return Optional.of(wrong.code());
    }
    Replica.Growth.Extends extension = (Replica.Growth.Extends) growth;
    boolean hadPart = replica.size() > replica.coveredSize();
    Optional<SignedCheckpoint> begun = promised.owed();
    seen(checkpoint);
    store.commit(
        new LogWrites()
            .append(stored, extension.append().firstIndex(), extension.append().entries())
            .checkpoint(stored, checkpoint.head(), checkpoint.bytes())
            .put(relayKey, relay.positions())
            .remove(promiseKey));
    // Stored first: what is compared and replayed from here on is what is on the disk.
    List<SignedCheckpoint> reached = replica.stored(extension);
    closing.grown();
    newest = checkpoint;
    promised.stored(checkpoint.size());
    progressed();
    observed().stored(node(), extension.append().entries());
    reached.forEach(this::judge);
    if (hadPart) {
      // It has produced a part of that and then gone on: along the same tree, if it is correct.
      begun.ifPresent(this::judge);
    }
    // SPEC protocol.md §6.2: extracted when entries are replicated, not only when audited.
    relay.pump();
    reportAgain(checkpoint);
    enter(extension.append().firstIndex(), extension.append().entries());
    return Optional.empty();
  }

  /** Stores what was missing up to the close. */
  private Optional<String> complete(TreeHead end, SignedCheckpoint checkpoint) {
    int count = (int) (end.size() - replica.size());
    Optional<Replica.Produced.Continues> rest =
        replica.rest(end, List.copyOf(partial.subList(0, count)));
    if (rest.isEmpty()) {
      // Or what is held here is of another past: its checkpoint then is half of a fork.
      judge(checkpoint);
      return Optional.of("close_differs");
    }
    Replica.Produced.Continues next = rest.get();
    store.commit(
        new LogWrites()
            .append(stored, next.firstIndex(), next.entries())
            .put(relayKey, relay.positions()));
    replica.kept(next);
    closing.grown();
    partial.subList(0, count).clear();
    partialBytes = partial.stream().mapToLong(Bytes::size).sum();
    LOG.info("the closed log of {} is complete here, {} entries", origin(), end.size());
    progressed();
    observed().stored(node(), next.entries());
    replica.passed(stored).ifPresent(this::cover);
    judge(checkpoint);
    relay.pump();
    enter(next.firstIndex(), next.entries());
    return Optional.empty();
  }

  private Replica.Comparison judge(SignedCheckpoint checkpoint) {
    Replica.Comparison comparison = weigh(checkpoint);
    if (comparison == Replica.Comparison.AHEAD) {
      keepWaiting();
    }
    return comparison;
  }

  private Replica.Comparison weigh(SignedCheckpoint checkpoint) {
    Replica.Judged judged = replica.judge(checkpoint, newest(), stored);
    judged.candidate().ifPresent(findings::candidate);
    Replica.Comparison comparison = judged.comparison();
    if (comparison == Replica.Comparison.CONFLICT) {
      closing.contradicted();
    }
    if (comparison == Replica.Comparison.CONSISTENT && checkpoint.size() > replica.coveredSize()) {
      cover(checkpoint);
    }
    // Also one for which there is no room among those that wait: it promises all the same.
    if (comparison != Replica.Comparison.REFUSED || replica.isGenuine(checkpoint)) {
      seen(checkpoint);
    }
    return comparison;
  }

  /** Finds where the audit goes on, and enters the schedule there. */
  private void openAudit() {
    if (isOpen || stopped || waitsForRetry) {
      return;
    }
    try {
      ConformanceAudit current = auditToGoOnWith();
      auditedSize = current.auditedSize();
      isOpen = true;
      progressed();
      rota.opened(this, current.nextIndex(), stored.size());
    } catch (RuntimeException | Error e) {
      if (!stopped) {
        auditFailed(e);
      }
    }
  }

  /** Tells the schedule where batches end in what has come. */
  private void enter(long firstIndex, List<Bytes> entries) {
    if (closed) {
      worker.execute(this::replayRest);
      return;
    }
    if (!isOpen) {
      return;
    }
    List<Long> sizes = new ArrayList<>();
    for (int i = 0; i < entries.size(); i++) {
      boolean isLast = i == entries.size() - 1;
      if (isLast || Entry.typeOf(entries.get(i)).equals(Optional.of(EntryType.STATE))) {
        sizes.add(firstIndex + i + 1);
      }
    }
    rota.arrived(this, sizes);
  }

  @Override
  public void audit(AuditSlot slot, Consumer<AuditRota.End> ended) {
    worker.execute(() -> replayTo(slot.toIndex(), ended));
  }

  /** Piece by piece: what comes in meanwhile is stored between two of them. */
  private void replayTo(long to, Consumer<AuditRota.End> ended) {
    AuditRota.End end = AuditRota.End.FAILED;
    if (!stopped && !waitsForRetry) {
      try {
        ConformanceAudit current = auditToGoOnWith();
        auditPiece(current, to);
        trouble = null;
        retryMillis = FIRST_RETRY_MILLIS;
        if (current.goesOn() && current.nextIndex() < to) {
          worker.execute(() -> replayTo(to, ended));
          return;
        }
        end = current.goesOn() ? AuditRota.End.CLEAN : AuditRota.End.FINDING;
      } catch (RuntimeException | Error e) {
        if (!stopped) {
          auditFailed(e);
        }
      }
    }
    ended.accept(end);
  }

  /** Replays the next entries. */
  private void auditPiece(ConformanceAudit current, long end) {
    long to = Math.min(end, current.nextIndex() + AUDIT_PIECE);
    Optional<Finding> finding = current.finding().or(() -> replay(current, to));
    auditedSize = current.auditedSize();
    auditedState = current.auditedState();
    Optional<ConformanceAudit.Undecided> undecided = current.undecided();
    if (undecided.isPresent()) {
      throw new IllegalStateException(
          "entry " + undecided.get().index() + " cannot be executed: " + undecided.get().cause(),
          undecided.get().cause());
    }
    if (finding.isPresent()) {
      this.finding = finding.get();
      progressListeners.forEach(Runnable::run);
      newest().ifPresent(upTo -> report(finding.get(), upTo));
    } else {
      progressed();
      memory.reached(current);
    }
  }

  private void progressed() {
    progressListeners.forEach(Runnable::run);
  }

  /** What a later checkpoint may prove that an earlier one did not cover. */
  private void reportAgain(SignedCheckpoint upTo) {
    ConformanceAudit current = audit;
    if (current == null || auditBroken || waitsForRetry || reported) {
      return;
    }
    try {
      current.finding().ifPresent(finding -> report(finding, upTo));
    } catch (RuntimeException | Error e) {
      if (!stopped) {
        auditFailed(e);
      }
    }
  }

  /** What the exception has left half done is dropped; the next attempt comes after a pause. */
  private void auditFailed(Throwable cause) {
    auditFailures.incrementAndGet();
    trouble = "the audit fails after " + auditedSize + " entries: " + cause;
    LOG.error("{}: {}; next attempt in {} ms", node(), trouble, retryMillis, cause);
    auditBroken = true;
    waitsForRetry = true;
    retry.after(
        retryMillis,
        () -> {
          if (!stopped) {
            worker.execute(
                () -> {
                  waitsForRetry = false;
                  openAudit();
                  if (closed) {
                    replayRest();
                  } else {
                    rota.canGoOn(this);
                  }
                });
          }
        });
    retryMillis = Math.min(2 * retryMillis, LAST_RETRY_MILLIS);
  }

  private ConformanceAudit afterLastClean(ConformanceAudit broken) {
    if (broken.auditedSize() <= 1) {
      return new ConformanceAudit(machine);
    }
    try {
      Entry last = Entry.decode(stored.entry(broken.auditedSize() - 1));
      return ConformanceAudit.resume(machine, last, broken.auditedState());
    } catch (DecodeException e) {
      throw new IllegalStateException("a replayed entry is damaged: " + e.getMessage(), e);
    }
  }

  private ConformanceAudit auditToGoOnWith() {
    ConformanceAudit current = audit;
    if (current == null) {
      current = memory.recall(machine, stored);
    } else if (auditBroken) {
      current = afterLastClean(current);
    }
    audit = current;
    auditBroken = false;
    return current;
  }

  private Optional<Finding> replay(ConformanceAudit current, long to) {
    long startNanos = System.nanoTime();
    try {
      for (Replay.Prepared prepared : prepare(current.nextIndex(), to)) {
        Optional<Finding> finding = current.feed(prepared);
        if (!current.goesOn()) {
          return finding;
        }
        replayedEntries.incrementAndGet();
      }
      return Optional.empty();
    } finally {
      auditTook.accept(Duration.ofNanos(System.nanoTime() - startNanos));
    }
  }

  private List<Replay.Prepared> prepare(long from, long to) {
    List<CompletableFuture<Replay.Prepared>> parts = new ArrayList<>();
    for (long index = from; index < to; index++) {
      Bytes entry = stored.entry(index);
      parts.add(
          CompletableFuture.supplyAsync(
              () -> Replay.prepare(entry, node(), statements), verifiers));
    }
    return parts.stream().map(CompletableFuture::join).toList();
  }

  /**
   * Proves the finding, with a later checkpoint if this one does not cover all it takes. Nothing is
   * over before the verifier has accepted a proof: what it refuses is our bug, and is told and
   * tried again as one.
   */
  private void report(Finding finding, SignedCheckpoint upTo) {
    if (reported) {
      return;
    }
    Proof proof = finding.prove(upTo, stored, verifier, decisions.get());
    if (proof instanceof Proof.Proven proven) {
      LOG.info("{}: entry {} {}", node(), finding.index(), finding.violation());
      findings.candidate(proven.proof().encoded());
      reported = true;
    } else if (proof instanceof Proof.Unproven unproven) {
      throw new IllegalStateException(
          "entry "
              + finding.index()
              + " breaks "
              + finding.violation().code()
              + " and no proof of it is accepted: "
              + unproven.reasons());
    }
  }

  private static SignedCheckpoint checkpoint(Bytes bytes) {
    try {
      return SignedCheckpoint.parse(bytes);
    } catch (DecodeException e) {
      throw new IllegalStateException("a stored checkpoint is damaged: " + e.getMessage(), e);
    }
  }
}
