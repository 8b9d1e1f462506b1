package org.probity.node.runtime;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.CheckpointVerifier;
import org.probity.detector.commitment.Envelope;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.SystemState;
import org.probity.detector.crypto.Hash;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.log.Entry;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.TransactionEntry;
import org.probity.detector.node.Input;
import org.probity.detector.node.Published;
import org.probity.detector.node.Release;
import org.probity.node.http.AuditService;
import org.probity.node.http.ChallengeStatus;
import org.probity.node.http.EvidenceFile;
import org.probity.node.http.GovernanceService;
import org.probity.node.http.HandedOver;
import org.probity.node.http.LedgerQueries;
import org.probity.node.http.NodeHealth;
import org.probity.node.http.NodeInfo;
import org.probity.node.http.NodeService;
import org.probity.node.http.PeerReply;
import org.probity.node.http.PeerStanding;
import org.probity.node.http.PeerStatus;
import org.probity.node.http.Problems;
import org.probity.node.http.PublishedLog;
import org.probity.node.http.RecordedTransaction;
import org.probity.node.http.ScheduleStatus;
import org.probity.node.http.ScoringStatus;
import org.probity.node.http.SubmissionReply;
import org.probity.node.http.WitnessService;
import org.probity.node.http.wire.HeldLog;
import org.probity.node.ledger.LedgerJson;
import org.probity.node.ledger.TransferHistory;
import org.probity.node.program.PlainAnswers;
import org.probity.node.program.Programs;
import org.probity.node.scoring.PeerObserver;
import org.probity.node.store.StoredLog;

/**
 * The running node as its listeners see it. Reads come from immutable snapshots; what changes
 * anything goes to the core as an input.
 */
final class NodeFacade implements NodeService {
  private static final String NOT_BEGUN = "this node has not begun: /readyz says why";

  private final NodeInfo info;

  private final Machine machine;
  private final StoredLog ownLog;
  private final LogRanges ranges;
  private final UnaryOperator<PublishedLog> streamedLog;
  private final CoreLoop core;
  private final Tickets tickets;
  private final TransactionIntake intake;
  private final CheckpointVerifier checkpoints;
  private final Wards wards;
  private final ProofDesk proofs;
  private final ChallengeDesk challenges;
  private final EvidenceIntake peersEvidence;
  private final EvidenceIntake strangersEvidence;
  private final Executor workers;
  private final Supplier<NodeHealth> health;
  private final TransferHistory history;
  private final Standings standings;
  private final GovernanceService governance;
  private final AuditService audits;
  private final AuditRanking ranking;
  private final PeerObserver observer;
  private final Witnessing witnessing;
  private final GatedSigner gate;
  private final KnownLogs known;
  private final KnownRuns runs;
  private final List<Runnable> growthListeners = new CopyOnWriteArrayList<>();
  private volatile @Nullable Published durable;
  private volatile @Nullable Published published;

  NodeFacade(
      NodeInfo info,
      Machine machine,
      StoredLog ownLog,
      UnaryOperator<PublishedLog> streamedLog,
      CoreLoop core,
      Tickets tickets,
      TransactionIntake intake,
      CheckpointVerifier checkpoints,
      Wards wards,
      ProofDesk proofs,
      ChallengeDesk challenges,
      EvidenceIntake peersEvidence,
      EvidenceIntake strangersEvidence,
      Executor workers,
      Supplier<NodeHealth> health,
      TransferHistory history,
      Standings standings,
      GovernanceService governance,
      AuditService audits,
      AuditRanking ranking,
      PeerObserver observer,
      Witnessing witnessing,
      GatedSigner gate,
      KnownLogs known,
      KnownRuns runs) {
    this.info = info;
    this.machine = machine;
    this.ownLog = ownLog;
    this.ranges = new LogRanges(ownLog);
    this.streamedLog = streamedLog;
    this.core = core;
    this.tickets = tickets;
    this.intake = intake;
    this.checkpoints = checkpoints;
    this.wards = wards;
    this.proofs = proofs;
    this.challenges = challenges;
    this.peersEvidence = peersEvidence;
    this.strangersEvidence = strangersEvidence;
    this.workers = workers;
    this.health = health;
    this.history = history;
    this.standings = standings;
    this.governance = governance;
    this.audits = audits;
    this.ranking = ranking;
    this.observer = observer;
    this.witnessing = witnessing;
    this.gate = gate;
    this.known = known;
    this.runs = runs;
  }

  /** A commit is durable and this is the log that witnesses see now; on the core's loop. */
  void stored(Published now) {
    durable = now;
    growthListeners.forEach(Runnable::run);
  }

  /** This is the log that others see now, too; on the core's loop. */
  void publish(Published now) {
    published = now;
    growthListeners.forEach(Runnable::run);
  }

  @Override
  public NodeInfo info() {
    return info;
  }

  @Override
  public NodeHealth health() {
    return health.get();
  }

  @Override
  public PeerStanding standing(String node) {
    return standings.of(node);
  }

  @Override
  public AuditService audits() {
    return audits;
  }

  @Override
  public GovernanceService governance() {
    return governance;
  }

  @Override
  public WitnessService witness() {
    return witnessing.service();
  }

  @Override
  public Optional<PublishedLog> witnessedLog() {
    return witnessing.own().witnessed();
  }

  @Override
  public Future<List<SubmissionReply>> submit(List<Bytes> statements) {
    if (!health.get().ready()) {
      return Future.failedFuture(Problems.notReady("the node takes no transactions now", 1));
    }
    return intake.submit(statements);
  }

  @Override
  public Optional<RecordedTransaction> transaction(Bytes submitter, Bytes clientId) {
    return Machine.system(required().state())
        .transaction(clientId, submitter)
        .map(SystemState.Remembered::index)
        .flatMap(this::transaction);
  }

  @Override
  public Optional<RecordedTransaction> transaction(long index) {
    if (index < 0 || index >= required().size()) {
      return Optional.empty();
    }
    try {
      return Entry.decode(ownLog.entry(index)).body() instanceof TransactionEntry transaction
          ? Optional.of(new RecordedTransaction(index, transaction.outcome()))
          : Optional.empty();
    } catch (DecodeException e) {
      throw new IllegalStateException("own entry " + index + " is damaged", e);
    }
  }

  @Override
  public LedgerQueries ledger() {
    return Programs.isLedger(machine.program().id())
        ? new LedgerJson(Machine.application(required().state()), history)
        : new PlainAnswers();
  }

  @Override
  public PublishedLog ownLog() {
    return upTo(required());
  }

  @Override
  public Optional<PublishedLog> replica(Hash originHash) {
    return wards.kept().stream()
        .filter(ward -> originHashOf(ward).equals(originHash))
        .findFirst()
        .flatMap(
            ward ->
                ward.newest()
                    .map(newest -> new PublishedLog(newest.head(), newest.note(), ward.stored())));
  }

  private static Hash originHashOf(Ward ward) {
    return Hash.sha256(Bytes.utf8(ward.stored().origin()).unsafeArray());
  }

  @Override
  public Future<PeerReply> envelope(String from, Bytes body) {
    Envelope envelope;
    try {
      envelope = Envelope.decode(body);
    } catch (DecodeException e) {
      return Future.succeededFuture(PeerReply.refused(e.code()));
    }
    return Answers.by(
        workers,
        promise ->
            checkpoints
                .envelope(from, envelope)
                .ifPresentOrElse(
                    verified -> {
                      observer.received(from, envelope.receive().sends());
                      long ticket =
                          tickets.issue(
                              release -> promise.complete(reply(release)), promise::tryFail);
                      core.post(new Input.EnvelopeArrived(verified, ticket));
                    },
                    () -> promise.complete(PeerReply.refused("checkpoint_invalid"))));
  }

  private static PeerReply reply(Release release) {
    if (release instanceof Release.Acknowledged acknowledged) {
      return PeerReply.ok(acknowledged.ack().encode());
    }
    if (release instanceof Release.EnvelopeRefused refused) {
      return refused.heldSize().isPresent()
          ? PeerReply.wrongBase(refused.heldSize().getAsLong())
          : PeerReply.refused(refused.code());
    }
    throw new IllegalStateException("not an answer to an envelope: " + release);
  }

  @Override
  public Future<PeerReply> checkpoint(String from, Bytes body) {
    try {
      return compare(SignedCheckpoint.parse(body));
    } catch (DecodeException e) {
      return Future.succeededFuture(PeerReply.refused(e.code()));
    }
  }

  /**
   * Compares a checkpoint with the replica of its log. Who shows one of an incarnation that is
   * closed does not wait for ever, since nothing more of that log may come: what could not be
   * compared is kept as half of a fork, or dropped if there are more than enough of them; either is
   * said.
   */
  Future<PeerReply> compare(SignedCheckpoint checkpoint) {
    Optional<Ward> ward = wards.comparable(checkpoint.origin());
    if (ward.isEmpty()) {
      return Future.succeededFuture(PeerReply.refused("not_a_ward"));
    }
    Promise<PeerReply> promise = Promise.promise();
    @SuppressWarnings("unused")
    var unused =
        ward.get()
            .show(checkpoint)
            .whenComplete(
                (shown, failure) -> {
                  if (shown == null) {
                    promise.fail(failure);
                  } else {
                    promise.complete(reply(shown));
                  }
                });
    return promise.future();
  }

  private static PeerReply reply(Ward.Shown shown) {
    return switch (shown) {
      case CONSISTENT, CONFLICT, KEPT, DROPPED -> PeerReply.ok(Bytes.utf8(shown.name()));
      case AHEAD -> PeerReply.refused("checkpoint_ahead");
      case REFUSED -> PeerReply.refused("checkpoint_refused");
    };
  }

  @Override
  public Future<PeerReply> evidence(String from, Bytes body) {
    // Whoever is not a node has a queue of its own: strangers do not keep peers' proofs out.
    return (from.isEmpty() ? strangersEvidence : peersEvidence).take(from, body);
  }

  @Override
  public Future<PeerReply> challenge(String from, Bytes body) {
    return challenges.take(from, body);
  }

  @Override
  public Future<PeerReply> run(String from, Bytes sign) {
    return Answers.by(workers, answer -> answer.complete(runs.take(from, sign)));
  }

  @Override
  public Future<HandedOver> handOver(Bytes statement) {
    return challenges.handOver(statement);
  }

  @Override
  public List<ChallengeStatus> challenges() {
    return challenges.open();
  }

  @Override
  public PublishedLog logFor(String peer, long from) {
    if (!gate.isOpen()) {
      // SPEC protocol.md §11.1: else a witness that has lost its copy would take an old log that
      // was put back for all there ever was, and count.
      throw Problems.notReady(NOT_BEGUN, 1);
    }
    // SPEC protocol.md §11.4: witnesses see what nobody else sees yet, to cosign it.
    boolean isWitness = standings.seating().isWitness(peer, info.node());
    PublishedLog own = isWitness ? stored().orElseGet(this::ownLog) : ownLog();
    return ranges.next(streamedLog.apply(own), from);
  }

  @Override
  public Registration onGrowth(Runnable listener) {
    growthListeners.add(listener);
    return () -> growthListeners.remove(listener);
  }

  @Override
  public List<PeerStatus> peers() {
    return machine.genesis().nodes().stream()
        .filter(node -> !node.node().equals(info.node()))
        .map(this::status)
        .sorted(Comparator.comparing(PeerStatus::node))
        .toList();
  }

  private PeerStatus status(NodeRecord node) {
    Optional<Ward> ward = wards.followed(node.node());
    long audited = ward.map(Ward::auditedSize).orElse(0L);
    return proofs
        .status(node, audited, ward.map(Ward::lag).orElse(0L))
        .ranked(ranking.score(node.node()), ranking.lane(node.node()));
  }

  @Override
  public ScoringStatus scoring() {
    return ranking.scoring();
  }

  @Override
  public ScheduleStatus schedule() {
    return ranking.schedule();
  }

  @Override
  public OptionalLong askForAudit(String node, OptionalLong upTo) {
    return ranking.ask(node, upTo);
  }

  @Override
  public List<EvidenceFile> evidenceFiles() {
    return proofs.files();
  }

  @Override
  public Future<HeldLog> held(Hash originHash) {
    return known.held(originHash);
  }

  @Override
  public Optional<PublishedLog> newest() {
    return published == null ? Optional.empty() : Optional.of(ownLog());
  }

  /** The own log up to its durable end: for those who are to cosign it. */
  Optional<PublishedLog> stored() {
    return Optional.ofNullable(durable).map(this::upTo);
  }

  /** Entries of the own log that others may see. */
  long releasedSize() {
    Published now = published;
    return now == null ? 0 : now.size();
  }

  private PublishedLog upTo(Published end) {
    return new PublishedLog(end.checkpoint().head(), end.checkpoint().note(), ownLog);
  }

  /** The end of the own log that others may see. */
  Published published() {
    return required();
  }

  private Published required() {
    Published now = published;
    if (now == null) {
      throw Problems.notReady("the log has no entry yet that others may see", 1);
    }
    return now;
  }
}
