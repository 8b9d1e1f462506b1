package org.probity.node.runtime;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.probity.detector.audit.AuditBook;
import org.probity.detector.audit.Finding;
import org.probity.detector.audit.Proof;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.AuditRule;
import org.probity.detector.commitment.AuditStatement;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.VerifiedAudit;
import org.probity.detector.crypto.Hash;
import org.probity.detector.evidence.EvidenceVerifier;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Refusal;
import org.probity.detector.governance.Seating;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.Origin;
import org.probity.detector.log.TreeHead;
import org.probity.node.http.AuditService;
import org.probity.node.http.HeldAudit;
import org.probity.node.http.PeerReply;
import org.probity.node.http.Problems;
import org.probity.node.http.WardAudits;
import org.probity.node.http.peer.PeerTransport;
import org.probity.node.store.LmdbLogStore;
import org.probity.node.store.LogWrites;
import org.probity.node.store.StoreException;
import org.probity.node.store.StoredLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * AUDIT statements (protocol.md §6.6): signs what this node has replayed of its wards, gives that
 * to the ward and its other witnesses, keeps what others sign about the wards and about the own
 * log, and proves those of them false that cover what was found here to be wrong.
 *
 * <p>Everything happens on a thread of its own, in order; what peers hand in has a bounded share of
 * it. What is kept is on the disk shortly after ({@link #SAVE_MILLIS}); what a crash takes away
 * comes again, because every auditor offers its newest statement from time to time.
 */
final class AuditDesk implements AuditService, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AuditDesk.class);

  /** Statements that wait to be judged. */
  static final int MAX_WAITING = 64;

  /** Of them from one peer. */
  static final int MAX_WAITING_OF_ONE = 8;

  /** Between two statements about one ward. */
  static final long PACE_MILLIS = 1_000;

  static final long SAVE_MILLIS = 500;

  /** After that long the newest statements are given again to everybody whom they concern. */
  static final long OFFER_MILLIS = 60_000;

  private static final int RETRY_AFTER_SECONDS = 2;

  private final Genesis genesis;
  private final NodeRecord self;
  private final Supplier<DecisionChain> decisions;
  private final GatedSigner logKey;
  private final Vouching vouching;
  private final long paceMillis;
  private final EvidenceVerifier verifier;
  private final Consumer<Bytes> candidates;
  private final LmdbLogStore store;
  private final PeerTransport transport;
  private volatile Seating seating;
  private final ScheduledThreadPoolExecutor desk;
  private final Map<Origin, Held> logs =
      new ConcurrentSkipListMap<>(Comparator.comparing(Origin::format));
  private final Map<String, AtomicInteger> shares = new ConcurrentHashMap<>();
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicLong falseAudits = new AtomicLong();

  /** One log and what is signed about it. Confined to the desk but for what says otherwise. */
  private final class Held {
    private final LogReader log;
    private final @Nullable Ward ward;
    private final AuditSpread spread;
    private final @Nullable OtherPast others;
    private final AuditBook book;
    private final Bytes key;
    private final AtomicBoolean woken = new AtomicBoolean();
    private volatile boolean resting;

    /** Whether members have closed the incarnation: judged, but neither offered nor listed. */
    private volatile boolean closed;

    private boolean dirty;
    private boolean waits;
    private boolean judged;
    private @Nullable Long signedNanos;
    private volatile List<VerifiedAudit> newest = List.of();

    Held(
        Origin origin,
        LogReader log,
        @Nullable Ward ward,
        AuditSpread spread,
        @Nullable OtherPast others) {
      this.log = log;
      this.ward = ward;
      this.spread = spread;
      this.others = others;
      this.book = new AuditBook(origin);
      this.key = Bytes.utf8("audit/" + origin);
    }

    /** Neither handed over nor closed. */
    boolean isCurrent() {
      return !resting && !closed;
    }

    Optional<Finding> finding() {
      return ward == null ? Optional.empty() : ward.finding();
    }

    void kept() {
      dirty = true;
      newest = book.newest();
    }

    /** Any thread. */
    Optional<VerifiedAudit> own() {
      return newest.stream().filter(audit -> isOwn(audit)).findFirst();
    }

    /** Any thread. */
    List<HeldAudit> others() {
      return newest.stream().filter(audit -> !isOwn(audit)).map(HeldAudit::of).toList();
    }
  }

  /**
   * @param machine the own node's
   * @param decisions as far as known here: whose keys sign
   * @param logKey signs; checked
   * @param candidates takes what may be evidence
   * @param store where statements are kept
   */
  AuditDesk(
      Machine machine,
      Supplier<DecisionChain> decisions,
      GatedSigner logKey,
      Vouching vouching,
      long paceMillis,
      EvidenceVerifier verifier,
      Consumer<Bytes> candidates,
      LmdbLogStore store,
      StoredLog ownLog,
      Collection<Ward> wards,
      Seating seating,
      PeerTransport transport,
      ThreadFactory threads) {
    this.genesis = machine.genesis();
    this.self = machine.self();
    this.decisions = decisions;
    this.logKey = logKey;
    this.vouching = vouching;
    this.paceMillis = paceMillis;
    this.verifier = verifier;
    this.candidates = candidates;
    this.store = store;
    this.desk = new ScheduledThreadPoolExecutor(1, threads);
    desk.setRemoveOnCancelPolicy(true);
    desk.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    logs.put(
        machine.origin(),
        new Held(
            machine.origin(),
            ownLog,
            null,
            new AuditSpread(transport::audit, desk, List.of(), other -> {}),
            null));
    this.transport = transport;
    this.seating = seating;
    wards.forEach(this::hold);
  }

  private Held hold(Ward ward) {
    Origin origin = ward.origin();
    OtherPast others = new OtherPast(ward::halves, transport::checkpoint, desk);
    AuditSpread spread =
        new AuditSpread(
            transport::audit,
            desk,
            concerned(ward.node()),
            other -> {
              if (!other.equals(ward.node())) {
                others.isHeldBy(other);
              }
            });
    Held held = new Held(origin, ward.stored(), ward, spread, others);
    logs.put(origin, held);
    return held;
  }

  /** One more ward, before it starts. */
  void follow(Ward ward) {
    follow(hold(ward));
  }

  private void follow(Held held) {
    desk.execute(() -> recall(held));
    Ward ward = held.ward;
    if (ward != null) {
      ward.onProgress(() -> wake(held));
    }
  }

  /** The ward's seat is handed over: nothing new is taken about it, and nothing offered. */
  void rest(Ward ward) {
    Held held = logs.get(ward.origin());
    if (held != null) {
      held.resting = true;
    }
  }

  /** The ward's incarnation is closed: what others signed about it is judged all the same. */
  void close(Ward ward) {
    Held held = logs.get(ward.origin());
    if (held != null) {
      held.closed = true;
    }
  }

  /** What this node has signed about a ward is offered again. Any thread. */
  void remind(String ward) {
    desk.execute(
        () ->
            guarded(
                "offering an AUDIT",
                () -> ofNode(ward).filter(Held::isCurrent).ifPresent(this::offer)));
  }

  /** The ward is followed again. */
  void resume(String ward) {
    ofNode(ward).ifPresent(held -> held.resting = false);
  }

  /** About the log that the node writes now. */
  private Optional<Held> ofNode(String ward) {
    return logs.entrySet().stream()
        .filter(log -> log.getKey().node().equals(ward) && log.getValue().ward != null)
        .max(Comparator.comparingLong(log -> log.getKey().incarnation()))
        .map(Map.Entry::getValue);
  }

  private AuditRule rule() {
    return AuditRule.by(decisions.get());
  }

  /** The witness seats are these from now on: they are told what this node has signed. */
  void seated(Seating next) {
    desk.execute(
        () -> {
          seating = next;
          for (Held held : logs.values()) {
            Ward ward = held.ward;
            if (ward != null) {
              held.spread.to(concerned(ward.node()));
            }
          }
          guarded("offering AUDITs", this::offer);
        });
  }

  /** The ward itself and its other witnesses. */
  private List<String> concerned(String ward) {
    List<String> concerned = new ArrayList<>(List.of(ward));
    seating.witnessesOf(ward).stream()
        .map(NodeRecord::node)
        .filter(node -> !node.equals(self.node()))
        .forEach(concerned::add);
    return concerned;
  }

  /** Recalls what was kept and follows the wards; call before they start. */
  void start() {
    logs.values().forEach(this::follow);
    every(SAVE_MILLIS, this::save);
    every(OFFER_MILLIS, this::offer);
  }

  private void every(long millis, Runnable task) {
    @SuppressWarnings("unused")
    var unused =
        desk.scheduleWithFixedDelay(
            () -> guarded("keeping AUDITs", task), millis, millis, TimeUnit.MILLISECONDS);
  }

  /** What one task throws must not end the others. */
  private static void guarded(String what, Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      LOG.error("{} has failed", what, e);
    }
  }

  private void recall(Held held) {
    guarded(
        "recalling AUDITs",
        () ->
            store
                .get(held.key)
                .ifPresent(
                    kept -> {
                      try {
                        held.book.recall(kept, rule(), held.log);
                      } catch (DecodeException e) {
                        // Others will offer theirs again, and this node signs anew.
                        LOG.error("the AUDITs kept here are damaged: {}", e.getMessage());
                      }
                      held.newest = held.book.newest();
                    }));
  }

  // What this node signs.

  /** The ward's log has grown or its audit moved; on the ward's worker. */
  private void wake(Held held) {
    if (held.woken.compareAndSet(false, true)) {
      try {
        desk.execute(
            () -> {
              held.woken.set(false);
              guarded("an AUDIT", () -> look(held));
            });
      } catch (RejectedExecutionException e) {
        LOG.debug("no AUDIT any more", e);
      }
    }
  }

  private void look(Held held) {
    AuditBook.Reached grown = held.book.grown(held.log);
    List<VerifiedAudit> reached = grown.kept();
    if (!reached.isEmpty()) {
      held.kept();
    }
    grown.others().forEach(audit -> contradict(held, audit));
    Optional<Finding> finding = held.finding();
    if (finding.isPresent() && !held.judged) {
      held.book.newest().forEach(audit -> accuse(held, audit));
      // Not before: where the log could not be read nobody was accused, and the next look is to.
      held.judged = true;
    } else {
      reached.forEach(audit -> accuse(held, audit));
    }
    sign(held);
  }

  /** Signs what was replayed since, now or when it is time. */
  private void sign(Held held) {
    Ward ward = held.ward;
    if (ward == null || held.waits || held.closed) {
      return;
    }
    long size = vouching.size(ward.auditedSize(), held.log.size());
    Optional<VerifiedAudit> before = held.book.by(self.node());
    if (size == 0 || before.filter(last -> last.content().to().size() >= size).isPresent()) {
      return;
    }
    Long signedNanos = held.signedNanos;
    long restMillis =
        signedNanos == null
            ? 0
            : paceMillis - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - signedNanos);
    if (restMillis > 0) {
      held.waits = true;
      @SuppressWarnings("unused")
      var unused =
          desk.schedule(
              () -> {
                held.waits = false;
                guarded("an AUDIT", () -> sign(held));
              },
              restMillis,
              TimeUnit.MILLISECONDS);
      return;
    }
    held.signedNanos = System.nanoTime();
    Origin origin = ward.origin();
    // SPEC protocol.md §6.6: over the tree that was replayed here, whatever the ward signs
    // elsewhere.
    TreeHead to = new TreeHead(size, MerkleProofs.rootAt(held.log, size));
    Bytes statement =
        AuditStatement.fromGenesis(origin, to, genesis.programId())
            .sign(genesis.networkId(), logKey)
            .encoded();
    AuditRule.Outcome outcome = rule().check(statement);
    VerifiedAudit audit =
        outcome
            .valid()
            .orElseThrow(() -> new IllegalStateException("own AUDIT: " + outcome.refusal()));
    if (held.book.take(audit, held.log) == AuditBook.Standing.KEPT) {
      held.kept();
      held.spread.give(statement);
    }
  }

  /** To those who have lost it, or never got it. */
  private void offer() {
    logs.values().stream().filter(Held::isCurrent).forEach(this::offer);
  }

  private void offer(Held held) {
    held.book.by(self.node()).ifPresent(own -> held.spread.give(own.encoded()));
  }

  // What others sign.

  @Override
  public Future<PeerReply> take(String from, Bytes statement) {
    AtomicInteger share = shares.computeIfAbsent(from, any -> new AtomicInteger());
    Promise<PeerReply> promise = Promise.promise();
    boolean isOverShare = share.incrementAndGet() > MAX_WAITING_OF_ONE;
    if (waiting.incrementAndGet() > MAX_WAITING || isOverShare) {
      release(share);
      return Future.failedFuture(Problems.overloaded(RETRY_AFTER_SECONDS));
    }
    try {
      desk.execute(
          () -> {
            release(share);
            try {
              promise.complete(judge(statement));
            } catch (RuntimeException e) {
              promise.tryFail(e);
            }
          });
    } catch (RejectedExecutionException e) {
      release(share);
      return Future.failedFuture(Problems.overloaded(RETRY_AFTER_SECONDS));
    }
    return promise.future();
  }

  private void release(AtomicInteger share) {
    share.decrementAndGet();
    waiting.decrementAndGet();
  }

  private PeerReply judge(Bytes statement) {
    AuditRule.Outcome outcome = rule().check(statement);
    if (outcome.valid().isEmpty()) {
      return PeerReply.refused(outcome.refusal().map(Refusal::code).orElseThrow());
    }
    VerifiedAudit audit = outcome.valid().get();
    Held held = logs.get(audit.log());
    if (held == null || (held.resting && !held.closed) || isFormerSelf(audit)) {
      return PeerReply.refused("audit_not_kept_here");
    }
    AuditBook.Standing standing = held.book.take(audit, held.log);
    answer(held, audit);
    if (standing == AuditBook.Standing.KEPT) {
      held.kept();
      accuse(held, audit);
    } else if (standing == AuditBook.Standing.OTHER_LOG) {
      contradict(held, audit);
    }
    return switch (standing) {
      case KEPT, KNOWN, AHEAD -> PeerReply.ok(Bytes.EMPTY);
      case CROWDED -> PeerReply.refused("audit_too_far_ahead");
      case PARTIAL -> PeerReply.refused("audit_not_from_genesis");
      case OTHER_LOG -> PeerReply.refused(AuditSpread.OTHER_LOG);
    };
  }

  /**
   * SPEC protocol.md §6.1: who has lost the seat and signs about the ward all the same waits to be
   * relieved by what this node signs.
   */
  private void answer(Held held, VerifiedAudit audit) {
    String auditor = audit.auditor().node();
    if (held.ward != null && !isOwn(audit) && held.spread.onRequest(auditor)) {
      held.book.by(self.node()).ifPresent(own -> held.spread.give(own.encoded()));
    }
  }

  /** SPEC protocol.md §6.2: at once on conflict; its auditor does the same when it is answered. */
  private static void contradict(Held held, VerifiedAudit audit) {
    OtherPast others = held.others;
    if (others != null) {
      others.isHeldBy(audit.auditor().node());
    }
  }

  /** SPEC protocol.md §6.6: an AUDIT over what was found here to be wrong is FALSE_AUDIT. */
  private void accuse(Held held, VerifiedAudit audit) {
    if (isOwn(audit)) {
      return;
    }
    Proof proof = held.book.accuse(audit, held.finding(), held.log, verifier, decisions.get());
    if (proof instanceof Proof.Proven proven) {
      falseAudits.incrementAndGet();
      LOG.warn("{} has signed what is not so: {}", audit.auditor().node(), audit);
      candidates.accept(proven.proof().encoded());
    } else if (proof instanceof Proof.Unproven unproven) {
      // Never the auditor's fault: the replay and the verifier disagree.
      LOG.error("{} covers a fault, and no proof is accepted: {}", audit, unproven.reasons());
    }
  }

  /** What this node signed before it lost its store, it vouches for no more. */
  private boolean isFormerSelf(VerifiedAudit audit) {
    return audit.auditor().node().equals(self.node()) && !isOwn(audit);
  }

  private boolean isOwn(VerifiedAudit audit) {
    return audit.auditor().equals(self);
  }

  // What is kept.

  private void save() {
    List<Held> unsaved = logs.values().stream().filter(held -> held.dirty).toList();
    if (unsaved.isEmpty()) {
      return;
    }
    LogWrites writes = new LogWrites();
    unsaved.forEach(held -> writes.put(held.key, held.book.encode()));
    try {
      store.commit(writes);
      unsaved.forEach(held -> held.dirty = false);
    } catch (StoreException e) {
      // Said where the wards' logs are not kept either; tried again.
      LOG.debug("AUDITs are not kept: {}", e.getMessage());
    }
  }

  /** What still waits is not judged; what is known is kept. */
  @Override
  public void close() {
    if (desk.isShutdown()) {
      return;
    }
    // Waited for: what is queued when the desk is shut down is dropped.
    Endings.quietly(
        "keep the AUDITs",
        CompletableFuture.runAsync(() -> guarded("keeping AUDITs", this::save), desk));
    Endings.finish(desk);
  }

  // What can be seen.

  @Override
  public List<HeldAudit> ofOwnLog() {
    return logs.values().stream()
        .filter(held -> held.ward == null)
        .flatMap(held -> seatedFirst(held.others(), seating, self.node()).stream())
        .toList();
  }

  /**
   * Those of a node's witnesses before what others have signed about it, so that no crowd of others
   * takes their places in a receipt.
   */
  static List<HeldAudit> seatedFirst(List<HeldAudit> audits, Seating seating, String of) {
    Set<String> seats =
        seating.witnessesOf(of).stream().map(NodeRecord::node).collect(Collectors.toSet());
    return audits.stream()
        .sorted(Comparator.comparing(audit -> !seats.contains(audit.auditor())))
        .toList();
  }

  @Override
  public List<WardAudits> ofWards() {
    List<WardAudits> found = new ArrayList<>();
    logs.forEach(
        (origin, held) -> {
          Ward ward = held.ward;
          if (ward != null && held.isCurrent()) {
            found.add(
                new WardAudits(
                    ward.node(),
                    origin.format(),
                    ward.auditedSize(),
                    ward.lag(),
                    held.own().map(HeldAudit::of),
                    held.others()));
          }
        });
    return found;
  }

  @Override
  public Optional<Bytes> ofWard(Hash originHash) {
    return logs.entrySet().stream()
        .filter(log -> hash(log.getKey()).equals(originHash))
        .findFirst()
        .flatMap(log -> log.getValue().own())
        .map(VerifiedAudit::encoded);
  }

  private static Hash hash(Origin origin) {
    return Hash.sha256(Bytes.utf8(origin.format()).unsafeArray());
  }

  /**
   * How much of a ward's log each of these has signed to be as it must be, as is known here; in its
   * present incarnation: what one that has begun again has signed before, it holds no more.
   */
  List<Long> signedSizes(String ward, List<NodeRecord> auditors) {
    return ofNode(ward).stream()
        .flatMap(held -> held.newest.stream())
        .filter(audit -> auditors.contains(audit.auditor()))
        .map(audit -> audit.content().to().size())
        .toList();
  }

  /** Entries of a ward that this node has signed to be as they must be. */
  long signedSize(String ward) {
    return ofNode(ward).stream()
        .flatMap(held -> held.own().stream())
        .mapToLong(audit -> audit.content().to().size())
        .findFirst()
        .orElse(0);
  }

  /** Auditors that were proven here to have signed what is not so, since the start. */
  long falseAudits() {
    return falseAudits.get();
  }

  /** Statements that wait to be judged. */
  int waiting() {
    return waiting.get();
  }
}
