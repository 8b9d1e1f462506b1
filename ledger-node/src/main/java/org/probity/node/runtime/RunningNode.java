package org.probity.node.runtime;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.io.IOException;
import java.net.BindException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.probity.detector.commitment.CheckpointVerifier;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.VerifiedCheckpoint;
import org.probity.detector.commitment.Views;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.evidence.Evidence;
import org.probity.detector.evidence.EvidenceVerifier;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.Incarnations;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Seating;
import org.probity.detector.log.CheckpointSigner;
import org.probity.detector.log.NoteVerifierKey;
import org.probity.detector.log.Origin;
import org.probity.detector.log.SigningMark;
import org.probity.detector.node.Effect;
import org.probity.detector.node.Input;
import org.probity.detector.node.Node;
import org.probity.detector.node.Published;
import org.probity.detector.node.Release;
import org.probity.detector.program.Program;
import org.probity.node.config.NodeConfig;
import org.probity.node.config.ReleaseMode;
import org.probity.node.http.AcceptGate;
import org.probity.node.http.ActionRecord;
import org.probity.node.http.ChallengeStatus;
import org.probity.node.http.NodeHealth;
import org.probity.node.http.NodeInfo;
import org.probity.node.http.NodeListeners;
import org.probity.node.http.NodeService;
import org.probity.node.http.NodeUrls;
import org.probity.node.http.ProblemException;
import org.probity.node.http.Problems;
import org.probity.node.http.PublishedLog;
import org.probity.node.http.SubmissionReply;
import org.probity.node.http.peer.PeerClient;
import org.probity.node.http.peer.PeerLimits;
import org.probity.node.http.peer.PeerTransport;
import org.probity.node.identity.OwnCertificates;
import org.probity.node.ledger.TransferHistory;
import org.probity.node.metrics.NodeMetrics;
import org.probity.node.program.Programs;
import org.probity.node.scoring.PeerScores;
import org.probity.node.store.CommitThread;
import org.probity.node.store.NodeStore;
import org.probity.node.store.StateFlusher;
import org.probity.node.store.StoreException;
import org.probity.node.store.StoredLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One node, running in this process: what it is made of, and the order in which that starts and
 * stops. Several may run in one process, each on a data directory of its own.
 *
 * <p>{@link #start} returns when all listeners are open: the node is reachable, answers what it
 * knows and begins nothing. Once others have said how much of its log they know (protocol.md §11.1)
 * it signs, which {@link #awaitOpen} waits for. {@link #stop} drains: takes nothing new, makes
 * durable and releases what was executed, flushes the state, then lets go of the files.
 */
public final class RunningNode {
  private static final Logger LOG = LoggerFactory.getLogger(RunningNode.class);

  /** Code of a start that ended because it was told to. */
  public static final String STOPPED = "stopped";

  static final long CLOCK_MILLIS = 50;
  static final long SAVE_MILLIS = 500;
  static final long GOVERNANCE_MILLIS = 1_000;
  static final long CERTIFICATES_MILLIS = 2_000;

  /** A release that waits longer is told to operators. */
  private static final long LONG_RELEASE_MILLIS = 1_000;

  /** How long a client waits for cosignatures before it is told to come again. */
  static final long RELEASE_ANSWER_MILLIS = 5_000;

  /** How long a node that stops waits for them: what is not released then is after its start. */
  private static final Duration RELEASE_AT_STOP = Duration.ofSeconds(2);

  private static final Duration START_TIMEOUT = Duration.ofSeconds(60);

  private final NodeSettings settings;
  private final Genesis genesis;
  private final NodeRecord self;
  private final Machine machine;
  private final NodeStore store;
  private final StoredLog ownLog;
  private final EvidenceStore evidenceStore;
  private final StateFlusher flusher;
  private final Clock clock = Clock.systemUTC();
  private final Vertx vertx;
  private final NodeMetrics metrics;
  private final RuntimeMetrics runtimeMetrics;
  private final ExecutorService workers;
  private final Executor verification;
  private final CommitThread commits;
  private final CoreLoop core;
  private final Tickets tickets = new Tickets();
  private final PeerClient client;
  private final PeerMessenger messenger;
  private final Spreader spreader;
  private final CheckpointVerifier checkpoints;
  private final LogRefusals refusals = new LogRefusals();
  private final ProofDesk proofs;
  private final EvidenceIntake peersEvidence;
  private final EvidenceIntake strangersEvidence;
  private final ChallengeDesk challenges;
  private final AuditDesk audits;
  private final PeerScores scores;
  private final AuditRounds rounds;
  private final Wards wards;
  private final WardOpening opening;
  private final SeatMoves seats;
  private final StateSaver saver;
  private final TransferHistory history;
  private final NodeFacade facade;
  private final NodeService service;
  private final CertificateWatch certificates;
  private final RevocationWatch revocations;
  private final NodeCondition condition;
  private final Effects effects;
  private final Upkeep upkeep;
  private final Standings standings;
  private final GovernanceDesk governance;
  private final PeerTransport transport;
  private final Witnessing witnessing;
  private final GatedSigner logKey;
  private final GatedSigner cosignerKey;
  private final Views views;
  private final KnownLogs known;
  private final OwnRun run;
  private final Boot boot;
  private final boolean asks;
  private final CompletableFuture<Void> closed = new CompletableFuture<>();
  private final CompletableFuture<Void> opened = new CompletableFuture<>();
  private final CompletableFuture<String> stopped = new CompletableFuture<>();
  private final AtomicBoolean stopping = new AtomicBoolean();
  private final AtomicBoolean closing = new AtomicBoolean();
  private volatile boolean isOpen;
  private @Nullable NodeListeners listeners;

  /** Reads the files a configuration names and runs the node until {@link #stop}. */
  public static RunningNode start(NodeConfig config, NodeParts parts) throws StartException {
    return start(NodeSettings.of(config, Version.current()), parts);
  }

  /** Opens the stores and runs the node until {@link #stop}. */
  public static RunningNode start(NodeSettings settings) throws StartException {
    return start(settings, NodeParts.standard());
  }

  /**
   * As {@link #start(NodeSettings)}, out of other parts.
   *
   * @throws org.probity.node.identity.IdentityException {@code certificate_expired}, {@code
   *     certificate_not_yet_valid}
   */
  public static RunningNode start(NodeSettings settings, NodeParts parts) throws StartException {
    settings.certificates().requireValid(Instant.now());
    StartChecks.release(settings);
    Genesis genesis = settings.genesis();
    DecisionChain known = known(settings);
    Incarnations self = StartChecks.self(settings, known);
    Program program = StartChecks.program(genesis);
    WitnessFiles.requireForeign(genesis, settings.witness().foreignLogs());
    NodeStore store = OwnLogRestore.open(settings.storage());
    try {
      Machine machine = new Machine(genesis, self, parts.ownProgram().apply(program));
      SigningMark mark = OwnLogRestore.mark(store);
      RunFile run = RunFile.begin(settings.storage().data());
      StoredLog ownLog = store.own().log(machine.origin().format());
      OwnLogRestore.OwnEnd end = new OwnLogRestore(ownLog, store.state()).restore(machine, mark);
      DecisionChain logged = OwnLogRestore.decisions(known, ownLog, end);
      Views views = OwnLogRestore.views(store, new CheckpointVerifier(() -> logged));
      Started started = new Started();
      boolean complete = false;
      try {
        RunningNode node =
            new RunningNode(
                settings, logged, machine, program, store, ownLog, mark, end, views, run, parts,
                started);
        complete = true;
        node.listenOrStop();
        return node;
      } finally {
        if (!complete) {
          started.stopAll();
        }
      }
    } catch (StoreException e) {
      store.close();
      throw new StartException(e.code().text(), String.valueOf(e.getMessage()), e);
    } catch (StartException | RuntimeException e) {
      store.close();
      throw e;
    }
  }

  private RunningNode(
      NodeSettings settings,
      DecisionChain decisions,
      Machine machine,
      Program program,
      NodeStore store,
      StoredLog ownLog,
      SigningMark mark,
      OwnLogRestore.OwnEnd end,
      Views views,
      RunFile runFile,
      NodeParts parts,
      Started started) {
    this.settings = settings;
    this.genesis = settings.genesis();
    this.self = machine.self();
    this.machine = machine;
    this.store = store;
    this.ownLog = ownLog;
    this.views = views;
    this.asks = parts.asks();
    this.logKey = new GatedSigner(Signer.checked(settings.logKey(), SignatureRule.fastest()));
    this.cosignerKey = new GatedSigner(settings.witness().cosignerKey());
    this.evidenceStore = new EvidenceStore(settings.storage().data().resolve("evidence"));
    this.flusher =
        started.add(StateFlusher.start(store.state(), "state-flush"), StateFlusher::close);
    this.vertx =
        started.add(
            AcceptGate.open(
                new VertxOptions()
                    .setEventLoopPoolSize(2)
                    // Nothing is served out of the class path, so nothing is unpacked from it.
                    .setFileSystemOptions(
                        new FileSystemOptions()
                            .setFileCachingEnabled(false)
                            .setClassPathResolvingEnabled(false))),
            Endings::closeLoops);
    int cores = Runtime.getRuntime().availableProcessors();
    this.metrics = NodeMetrics.forNode(self.node(), settings.listeners().version());
    this.runtimeMetrics = new RuntimeMetrics(metrics);
    this.workers =
        started.add(Executors.newFixedThreadPool(cores, Endings.named("verify")), Endings::finish);
    this.verification = runtimeMetrics.counted("verification", workers);
    this.commits =
        started.add(
            CommitThread.start("commit", 1, runtimeMetrics::committed), CommitThread::close);
    this.history = new TransferHistory(ownLog, store.index(), Programs.isLedger(program.id()));
    this.certificates =
        new CertificateWatch(settings.certificates(), clock, this::showRenewed, LOG::warn);
    this.revocations =
        new RevocationWatch(
            settings.revocations(),
            settings.certificates()::shown,
            clock,
            this::endRevoked,
            LOG::warn);
    this.condition =
        new NodeCondition(
            store,
            flusher,
            history,
            this::wards,
            this::lateAudit,
            this::forkedLogs,
            this::closedGate,
            this::unreleased,
            this::accessWarnings,
            revocations::warnings);
    this.saver = new StateSaver(flusher, end.onDisk());
    this.proofs =
        new ProofDesk(
            new EvidenceVerifier(genesis, Map.of(program.id(), program)),
            evidenceStore,
            clock,
            this::proven);
    this.standings = new Standings(genesis, self.node(), logKey::isOpen, this::decided);
    this.governance =
        started.add(
            new GovernanceDesk(
                genesis,
                self,
                logKey,
                governanceStore(settings),
                decisions,
                proofs::proofs,
                proofs::examineOwn,
                this::give,
                decision -> post(new Input.DecisionTaken(decision)),
                standings,
                Endings.named("governance"),
                RunningNode::elapsedMillis),
            GovernanceDesk::close);
    this.checkpoints = new CheckpointVerifier(governance::chain);
    this.peersEvidence =
        started.add(
            new EvidenceIntake(
                EvidenceIntake.SHARE_OF_ONE, proofs::examine, Endings.named("peers-evidence")),
            EvidenceIntake::close);
    this.strangersEvidence =
        started.add(
            new EvidenceIntake(
                EvidenceIntake.MAX_WAITING, proofs::examine, Endings.named("evidence")),
            EvidenceIntake::close);
    Context loop = vertx.getOrCreateContext();
    Executor coreLoop =
        runtimeMetrics.counted("core", task -> loop.runOnContext(ignored -> task.run()));
    this.core =
        new CoreLoop(
            coreLoop,
            store.durable(ownLog),
            commits,
            this::carryOut,
            isWitnessed() ? Releases.witnessed() : Releases.recorded(),
            this::durable,
            this::published,
            this::latch);
    this.client =
        new PeerClient(
            vertx,
            settings.peerIdentity(),
            settings.trust(),
            settings.peers(),
            PeerLimits.standard());
    this.transport = new GatedTransport(vertx, parts.transport().apply(client), standings::of);
    this.scores =
        started.add(
            new PeerScores(
                settings.scoring(),
                self.node(),
                genesis.nodes().stream().map(NodeRecord::node).toList(),
                new PeerLooks(this::wards, this::openChallenges, clock),
                settings.storage().data().resolve("scoring"),
                Endings.named("scoring")),
            PeerScores::close);
    this.messenger =
        new PeerMessenger(transport, checkpoints, verification, core, scores.observer());
    this.spreader = new Spreader(vertx, transport, others());
    this.challenges =
        started.add(
            new ChallengeDesk(
                machine,
                logKey,
                new ChallengeStore(settings.storage().data().resolve("challenges")),
                governance::chain,
                governance::told,
                transport,
                core,
                tickets,
                verification,
                clock,
                RunningNode::elapsedMillis,
                settings.patience(),
                scores.observer(),
                Endings.named("challenges")),
            ChallengeDesk::close);
    this.rounds =
        AuditRounds.of(
            settings.audits(),
            genesis.parameters(),
            parts.hints().apply(scores::priority),
            (millis, task) -> vertx.setTimer(millis, timer -> task.run()));
    WardOpening opening =
        new WardOpening(
            governance::chain,
            program,
            store,
            runtimeMetrics,
            verification,
            checkpoints,
            this::overheard,
            proofs::examineOwn,
            (millis, task) -> vertx.setTimer(millis, timer -> task.run()),
            rounds,
            scores.observer());
    this.opening = started.add(opening, WardOpening::finish);
    Seating seating =
        end.published()
            .map(now -> Seating.of(Machine.system(now.state()).governance(genesis.networkId())))
            .orElseGet(() -> Seating.founding(genesis));
    this.seats =
        started.add(
            new SeatMoves(
                governance::chain,
                self,
                seating,
                store.replicas(),
                opening::open,
                Endings.named("seats")),
            SeatMoves::close);
    SeatMoves.Opened kept = seats.open();
    this.wards = new Wards(vertx, transport, kept.followed());
    kept.resting().forEach(wards::add);
    kept.closed().forEach(wards::addClosed);
    wards.askInstead(ward -> seats.copies(ward, standings.seating()));
    this.audits =
        started.add(
            new AuditDesk(
                machine,
                governance::chain,
                logKey,
                parts.vouching(),
                AuditDesk.PACE_MILLIS,
                new EvidenceVerifier(genesis, Map.of(program.id(), program)),
                proofs::examineOwn,
                store.replicas(),
                ownLog,
                wards.kept(),
                seating,
                transport,
                Endings.named("audits")),
            AuditDesk::close);
    kept.resting().forEach(audits::rest);
    kept.closed().forEach(audits::close);
    this.witnessing =
        Witnessing.open(
            genesis,
            self,
            settings,
            cosignerKey,
            store,
            wards,
            seating,
            standings::seating,
            transport,
            this::stored,
            clock,
            verification,
            runtimeMetrics,
            (millis, task) -> vertx.setTimer(millis, timer -> task.run()),
            started);
    challenges.consult(
        new WardCopies(
            self.node(), node -> wards.ward(node).map(Ward::stored), witnessing.service()));
    this.known = new KnownLogs(store.replicas(), governance::chain, wards::kept, views, coreLoop);
    if (mark.size() == 0) {
      // SPEC protocol.md §11.1: init writes mark 0; whoever has one has lost nothing.
      known.begins();
    }
    this.run =
        new OwnRun(
            genesis.networkId(),
            logKey.ofRuns(genesis.networkId()),
            runFile,
            settings.startLease().toMillis(),
            transport::run,
            RunningNode::elapsedMillis,
            this::anotherRun);
    this.boot =
        started.add(
            new Boot(
                machine,
                governance::chain,
                store,
                ownLog,
                mark,
                end,
                decisions,
                transport,
                run,
                new Boot.Outcome() {
                  @Override
                  public void putBack() {
                    known.putBack();
                  }

                  @Override
                  public void ahead(String node) {
                    governance.ask(transport, List.of(node));
                  }

                  @Override
                  public void open(Boot.Beginning beginning) throws StartException {
                    begin(beginning);
                  }

                  @Override
                  public void fail(StartException reason) {
                    refuse(reason);
                  }
                },
                Endings.named("boot")),
            Boot::close);
    StatementVerifier statements =
        new StatementVerifier(SignatureRule.fastest(), genesis.networkId());
    TransactionIntake intake =
        new TransactionIntake(
            new Submissions(self.node(), statements, verification),
            core,
            tickets,
            settings.maxPendingTransactions(),
            this::limited);
    this.facade =
        new NodeFacade(
            info(),
            machine,
            ownLog,
            parts.streamedLog(),
            core,
            tickets,
            intake,
            checkpoints,
            wards,
            proofs,
            challenges,
            peersEvidence,
            strangersEvidence,
            verification,
            condition::health,
            history,
            standings,
            governance,
            audits,
            new AuditRanking(scores, rounds, others(), this::wards),
            scores.observer(),
            witnessing,
            logKey,
            known,
            new KnownRuns(governance::chain, RunningNode::elapsedMillis));
    this.service = parts.service().apply(facade);
    this.effects =
        new Effects(
            self.node(),
            tickets,
            messenger,
            verification,
            proofs,
            refusals,
            spreader,
            challenges,
            wards,
            facade,
            core);
    this.upkeep = new Upkeep(saver, history, facade::releasedSize, wards::kept);
    observe(intake);
    end.published().ifPresent(this::durable);
    if (!isWitnessed()) {
      end.published().ifPresent(this::published);
    }
  }

  private boolean isWitnessed() {
    return settings.release() == ReleaseMode.WITNESSED;
  }

  private void observe(TransactionIntake intake) {
    runtimeMetrics.boot(boot);
    runtimeMetrics.stores(store);
    runtimeMetrics.certificates(settings.certificates(), clock);
    if (settings.revocations().inForce().isPresent()) {
      runtimeMetrics.revocations(settings.revocations(), clock);
    }
    runtimeMetrics.actions(settings.actions());
    runtimeMetrics.queue("transactions", intake.maxPending(), intake::pending);
    runtimeMetrics.queue("commits", commits.capacity(), commits::depth);
    runtimeMetrics.queue("peers_evidence", EvidenceIntake.MAX_WAITING, peersEvidence::waiting);
    runtimeMetrics.queue("governance", GovernanceDesk.MAX_WAITING, governance::waiting);
    runtimeMetrics.queue("evidence", EvidenceIntake.MAX_WAITING, strangersEvidence::waiting);
    runtimeMetrics.queue("challenges", ChallengeDesk.MAX_WAITING, challenges::waiting);
    runtimeMetrics.queue("state_keys", flusher::pendingKeys);
    wards.present().forEach(this::observe);
    runtimeMetrics.audits(audits);
    runtimeMetrics.queue("audits", AuditDesk.MAX_WAITING, audits::waiting);
    runtimeMetrics.rounds(rounds);
    others().forEach(peer -> runtimeMetrics.refused(peer, () -> refusals.total(peer)));
    others().forEach(peer -> runtimeMetrics.unwilling(witnessing.own(), peer));
    settings
        .witness()
        .foreignWitnesses()
        .forEach(it -> runtimeMetrics.unwilling(witnessing.own(), it.witness().name()));
    runtimeMetrics.scores(scores);
  }

  private void observe(Ward ward) {
    runtimeMetrics.ward(ward.node(), wards::ward);
    runtimeMetrics.audits(audits, ward.node());
    runtimeMetrics.rounds(rounds, ward.node());
  }

  private List<String> others() {
    return genesis.nodes().stream()
        .map(NodeRecord::node)
        .filter(node -> !node.equals(self.node()))
        .toList();
  }

  private void give(String peer, Evidence proof) {
    spreader.give(peer, proof);
  }

  private void overheard(
      String witness, List<VerifiedCheckpoint> found, Consumer<Boolean> answered) {
    long ticket =
        tickets.issue(
            release ->
                answered.accept(
                    release instanceof Release.Overheard overheard && overheard.isSettled()),
            stopped -> LOG.debug("{} checkpoints are shown after the restart", found.size()));
    post(new Input.Overheard(witness, found, ticket));
  }

  private Optional<PublishedLog> stored() {
    return facade.stored();
  }

  private NodeInfo info() {
    return new NodeInfo(
        genesis.networkId(),
        self.node(),
        self.member(),
        self.incarnation(),
        machine.origin().format(),
        NoteVerifierKey.ofLog(machine.origin().format(), self.logKey()).format(),
        genesis.programId(),
        genesis.encoded());
  }

  /** A start that fails leaves no thread behind that would keep the process alive. */
  private void listenOrStop() throws StartException {
    boolean listens = false;
    try {
      listen();
      listens = true;
      @SuppressWarnings("unused")
      var unused = opened.whenComplete((open, refused) -> recordStart(refused));
    } finally {
      if (!listens) {
        stop();
      }
    }
  }

  /** For whoever asks later what was done to this node: also that it was started in vain. */
  private void recordStart(@Nullable Throwable refused) {
    settings
        .actions()
        .record(
            ActionRecord.LOCAL,
            "node.start",
            settings.listeners().version() + ", as " + System.getProperty("user.name"),
            refused == null
                ? "done"
                : refused instanceof StartException known ? known.code() : "start_failed");
  }

  /**
   * Reachable before it signs: nodes that are founded together each wait for what the others
   * answer.
   */
  private void listen() throws StartException {
    readKeptEvidence();
    history.indexTo(ownLog.size());
    openGovernance();
    listeners =
        await(
            "the listeners",
            NodeListeners.start(vertx, settings.listeners(), service, service, metrics)
                .toCompletionStage()
                .toCompletableFuture());
    vertx.setPeriodic(GOVERNANCE_MILLIS, timer -> governance.ask(transport, others()));
    vertx.setPeriodic(CERTIFICATES_MILLIS, timer -> workers.execute(this::lookAtFiles));
    if (asks) {
      boot.start();
    } else {
      boot.startWithoutAsking();
    }
  }

  /** SPEC protocol.md §11.1: the gate is open. Here and nowhere else a node begins to sign. */
  private void begin(Boot.Beginning beginning) throws StartException {
    Optional<String> other = asks ? run.beginSigning() : Optional.empty();
    if (other.isPresent()) {
      throw new StartException(Problems.ANOTHER_RUN, other.get());
    }
    logKey.open();
    cosignerKey.open();
    if (asks) {
      showRun();
      vertx.setPeriodic(
          Math.max(1, settings.startLease().toMillis() / OwnRun.SIGNS_PER_LEASE),
          timer -> showRun());
    }
    core.begin(
        new Node(
            machine,
            CheckpointSigner.guarding(logKey, machine.origin(), beginning.mark()),
            beginning.end().position(),
            beginning.end().published(),
            new CoreLogReader(ownLog),
            views,
            proofs,
            settings.patience(),
            beginning.decisions()));
    known.opened(beginning.decisions().decisions().size());
    // What has come before it could be handled; the same again is no news.
    proofs.proofs().forEach(proof -> post(new Input.EvidenceFound(proof)));
    // Those that are in what was recovered and were not kept.
    beginning.decisions().decisions().stream()
        .skip(governance.chain().decisions().size())
        .forEach(it -> governance.told(it.encoded()));
    governance.chain().decisions().forEach(it -> post(new Input.DecisionTaken(it)));
    governance.proven();
    post(tick());
    await("the first commit", idle());
    audits.start();
    wards.start();
    scores.start();
    reopenChallenges();
    if (isWitnessed()) {
      witnessing.startReleasing(vertx, core::witnessed);
    } else {
      witnessing.start(vertx);
    }
    seats.start(
        standings.seating(),
        wards,
        audits,
        node -> {
          rounds.forget(node);
          challenges.forget(node);
        },
        ward -> {
          observe(ward);
          witnessing.follow(ward);
        },
        witnessing::seated);
    vertx.setPeriodic(CLOCK_MILLIS, timer -> post(tick()));
    vertx.setPeriodic(SAVE_MILLIS, timer -> workers.execute(upkeep::catchUp));
    vertx.setPeriodic(SAVE_MILLIS, timer -> challenges.lookAround(wards.all()));
    vertx.setPeriodic(AuditRounds.LOOK_MILLIS, timer -> rounds.look());
    core.whenReleased(
        () -> {
          condition.running();
          isOpen = true;
          opened.complete(null);
          endIfClosed();
        });
  }

  /** Whose cosignatures others wait for, if they have for longer than a round should take. */
  private Optional<String> unreleased() {
    if (!isWitnessed() || !logKey.isOpen()) {
      return Optional.empty();
    }
    return witnessing
        .own()
        .missing()
        .filter(it -> elapsedMillis() - it.sinceMillis() >= LONG_RELEASE_MILLIS)
        .map(
            it ->
                "nothing beyond entry "
                    + (facade.releasedSize() - 1)
                    + " is shown to clients and peers before "
                    + it.needed()
                    + " more of its witnesses have cosigned "
                    + it.size()
                    + " entries; not yet: "
                    + String.join(", ", it.notYet()));
  }

  /** SPEC protocol.md §11.4: nobody hangs because a witness is silent. */
  private Future<List<SubmissionReply>> limited(Future<List<SubmissionReply>> answer) {
    if (!isWitnessed() || answer.isComplete()) {
      return answer;
    }
    Promise<List<SubmissionReply>> limited = Promise.promise();
    long timer =
        vertx.setTimer(
            RELEASE_ANSWER_MILLIS,
            fired -> limited.tryFail(Problems.notWitnessed(unreleased().orElse(""))));
    answer.onComplete(
        done -> {
          vertx.cancelTimer(timer);
          if (done.succeeded()) {
            limited.tryComplete(done.result());
          } else {
            limited.tryFail(done.cause());
          }
        });
    return limited.future();
  }

  /** Whoever holds a seat of this node's tells another process with its key that this one lives. */
  private void showRun() {
    if (!condition.isLatched()) {
      run.show(
          standings.seating().witnessesOf(self.node()).stream().map(NodeRecord::node).toList(),
          () -> {});
    }
  }

  /** SPEC protocol.md §11.5: another process with this key goes on, so this one signs nothing. */
  private void anotherRun(String why) {
    ProblemException reason = Problems.anotherRun(why);
    // The core may be about to sign, and stops by itself then: for the same reason.
    logKey.shut(reason);
    cosignerKey.shut(reason);
    core.halt(reason);
    // If it has not come to its first entry yet, it has not started, and never will.
    opened.completeExceptionally(new StartException(Problems.ANOTHER_RUN, why));
  }

  /** The gate will not open: nothing was signed, and nothing is. */
  private void refuse(StartException reason) {
    LOG.error("the node ends: {}: {}", reason.code(), reason.getMessage());
    opened.completeExceptionally(reason);
    stopped.complete(reason.code() + ": " + reason.getMessage());
    Endings.named("refused").newThread(this::stop).start();
  }

  /** Why nothing is signed yet, if so. */
  private Optional<String> closedGate() {
    return logKey.isOpen() ? Optional.empty() : Optional.of(boot.reason());
  }

  /**
   * Returns when the node signs, and its log has a first entry; waits as long as it takes.
   *
   * @throws StartException with a stable code if it must not, or was stopped before; it ends then
   */
  public void awaitOpen() throws StartException {
    try {
      opened.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StartException("interrupted", "interrupted while the boot gate was closed", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof StartException refused) {
        throw new StartException(refused.code(), String.valueOf(refused.getMessage()), e);
      }
      throw new StartException("start_failed", String.valueOf(e.getCause()), e);
    }
  }

  private Input tick() {
    return new Input.Clock(clock.millis(), elapsedMillis());
  }

  private static long elapsedMillis() {
    return System.nanoTime() / 1_000_000;
  }

  private void readKeptEvidence() throws StartException {
    try {
      for (EvidenceStore.Kept file : evidenceStore.read()) {
        proofs
            .examine(file.bytes(), file.since())
            .ifPresent(reason -> LOG.error("a kept evidence file proves nothing: {}", reason));
      }
    } catch (IOException e) {
      throw new StartException("store_unusable", "cannot read the evidence folder", e);
    }
  }

  private void openGovernance() throws StartException {
    try {
      governance.open();
    } catch (IOException e) {
      throw new StartException("store_unusable", "cannot read the governance folder", e);
    }
  }

  private void reopenChallenges() throws StartException {
    try {
      challenges.reopen();
    } catch (IOException e) {
      throw new StartException("store_unusable", "cannot read the challenges folder", e);
    }
  }

  private CompletableFuture<Void> idle() {
    CompletableFuture<Void> idle = new CompletableFuture<>();
    core.whenIdle(() -> idle.complete(null));
    return idle;
  }

  private void post(Input input) {
    core.post(input);
  }

  private void carryOut(Effect effect) {
    effects.carryOut(effect);
  }

  private void proven(Evidence evidence) {
    post(new Input.EvidenceFound(evidence));
    governance.proven();
  }

  /** It is durable, and witnesses may see it. */
  private void durable(Published now) {
    // SPEC protocol.md §7.4: only a decision in our own log changes whom we talk to for good.
    standings.reached(now.state()).forEach(client::disconnect);
    // SPEC protocol.md §4.4: seats are state, so they move when the decision is durable here.
    seats.reached(standings.seating());
    saver.reached(now.size() - 1, now.state());
    facade.stored(now);
    witnessing.own().grown();
    endIfClosed();
  }

  /** What an operator may have replaced while the node runs. */
  private void lookAtFiles() {
    certificates.look();
    revocations.look();
    if (settings.callers().refresh()) {
      settings
          .actions()
          .record(
              ActionRecord.LOCAL,
              "callers.change",
              settings.callers().get().all().size() + " callers from now on",
              "done");
    }
  }

  private List<NodeHealth.Warning> accessWarnings() {
    List<NodeHealth.Warning> found = new ArrayList<>(certificates.warnings());
    found.addAll(settings.actions().warnings());
    String trouble = settings.callers().trouble();
    if (!trouble.isEmpty()) {
      found.add(
          new NodeHealth.Warning("callers", "the former ones go on being let in: " + trouble));
    }
    return found;
  }

  /** Everybody may see it. */
  private void published(Published now) {
    facade.publish(now);
  }

  /** Connections that are open stay so: who is at their other end has seen the former ones. */
  private void showRenewed() {
    OwnCertificates now = settings.certificates();
    NodeListeners open = listeners;
    if (open != null) {
      Future.join(open.show(now.clientListenerKey(), now.peerKey()), client.show(now.peerKey()))
          .onSuccess(
              done -> {
                LOG.info("renewed certificates are shown, valid until {}", now.ends());
                settings
                    .actions()
                    .record(
                        ActionRecord.LOCAL,
                        "certificate.renew",
                        "valid until " + new TreeMap<>(now.ends()),
                        "done");
              })
          .onFailure(failure -> LOG.error("renewed certificates are not shown: restart", failure));
    }
  }

  /** The peers' listener ends its connections by itself: {@code PeerGate}. */
  private void endRevoked() {
    client.closeRevoked();
    settings
        .revocations()
        .inForce()
        .ifPresent(
            list ->
                LOG.info(
                    "revocation list {} is in force: {} revoked, the next one is due by {}",
                    list.number(),
                    list.size(),
                    list.nextUpdate()));
  }

  /** A commit failed or the core did: nothing is signed any more, reads go on. */
  private void latch(Throwable cause, boolean commitFailed) {
    LOG.error("the node stops signing", cause);
    condition.latched(cause);
    boolean full = isFull(cause);
    if (commitFailed && !full) {
      // Only here is the disk in doubt. After our own bug, or without memory, a restart goes on
      // from the durable end, and the mark sees to it that nothing is signed twice.
      store.latch().set("commit failed: " + cause);
    }
    tickets.close(full ? Problems.storeFull() : Problems.outcomeUnknown());
    stopped.complete("latched: " + cause.getMessage());
  }

  /**
   * Whether there was no room, and certainly nothing was written: with more room a restart goes on,
   * which a set latch would forbid.
   */
  private static boolean isFull(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof StoreException known && known.code() == StoreException.Code.FULL) {
        return true;
      }
    }
    return false;
  }

  /** Where the listeners are. */
  public NodeUrls urls() {
    NodeListeners open = listeners;
    if (open == null) {
      throw new IllegalStateException("not started");
    }
    return open.urls();
  }

  NodeFacade facade() {
    return facade;
  }

  Collection<Ward> wards() {
    return wards.all();
  }

  /** Entries of this log that are stored here, under a checkpoint or not. */
  long stored(Origin log) {
    return wards.kept().stream()
        .filter(ward -> ward.origin().equals(log))
        .mapToLong(ward -> ward.stored().size())
        .sum();
  }

  ChallengeDesk challenges() {
    return challenges;
  }

  AuditRounds rounds() {
    return rounds;
  }

  private DecisionChain decided() {
    return governance.chain();
  }

  private List<ChallengeStatus> openChallenges() {
    return challenges.open();
  }

  private Optional<String> lateAudit(String ward) {
    return rounds.late(ward);
  }

  private List<String> forkedLogs() {
    return witnessing.forked();
  }

  public NodeInfo identity() {
    return facade.info();
  }

  /** Completes with the reason when the node stops, by itself or by {@link #stop}. */
  public CompletableFuture<String> stopped() {
    return stopped;
  }

  /** Drains and stops; idempotent, blocking, whoever has begun it. */
  public void stop() {
    if (stopping.compareAndSet(false, true)) {
      try {
        drainAndClose();
      } finally {
        closed.complete(null);
      }
    } else {
      closed.join();
    }
  }

  private void drainAndClose() {
    boot.close();
    opened.completeExceptionally(
        new StartException(STOPPED, "the node was stopped before it could sign"));
    if (!condition.isLatched()) {
      condition.draining();
      Endings.quietly("drain", idle());
      if (tickets.waiting() > 0) {
        CompletableFuture<Void> released = new CompletableFuture<>();
        core.whenReleased(() -> released.complete(null));
        Endings.quietly("have what is logged cosigned", released, RELEASE_AT_STOP);
      }
    }
    tickets.close(Problems.outcomeUnknown());
    scores.close();
    rounds.stop();
    seats.close();
    wards.stop();
    spreader.stop();
    if (listeners != null) {
      Endings.quietly(
          "close the listeners",
          listeners.shutdown(Duration.ofSeconds(1)).toCompletionStage().toCompletableFuture());
    }
    Endings.quietly(
        "close the connections", client.close().toCompletionStage().toCompletableFuture());
    Endings.closeLoops(vertx);
    commits.close();
    opening.finish();
    witnessing.close();
    governance.close();
    peersEvidence.close();
    strangersEvidence.close();
    challenges.close();
    audits.close();
    Endings.finish(workers);
    wards.kept().forEach(Ward::close);
    upkeep.indexTransfers();
    saver.save();
    flusher.close();
    store.close();
    settings.actions().close();
    metrics.close();
    stopped.complete("stopped");
  }

  /** SPEC protocol.md §11.3: another incarnation of this node goes on with its log. */
  private void endIfClosed() {
    boolean isClosed =
        standings
            .seating()
            .node(self.node())
            .filter(present -> present.incarnation() > self.incarnation())
            .isPresent();
    if (isClosed && isOpen && closing.compareAndSet(false, true)) {
      LOG.error("the members have closed this incarnation; the node ends");
      stopped.complete("incarnation_closed: `probity node renew` and `probity node begin` go on");
      Endings.named("closed").newThread(this::stop).start();
    }
  }

  private static GovernanceStore governanceStore(NodeSettings settings) {
    return new GovernanceStore(settings.storage().data().resolve("governance"));
  }

  /** The decisions kept here: whose keys are whose, this node's included. */
  private static DecisionChain known(NodeSettings settings) throws StartException {
    try {
      return governanceStore(settings).chain(settings.genesis());
    } catch (IOException e) {
      throw new StartException("store_unusable", "cannot read the governance folder", e);
    }
  }

  private static <T> T await(String what, CompletableFuture<T> future) throws StartException {
    try {
      return future.get(START_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StartException("interrupted", "interrupted while waiting for " + what, e);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      String why =
          cause instanceof BindException ? String.valueOf(cause.getMessage()) : what + ": " + cause;
      throw new StartException("start_failed", why, e);
    } catch (TimeoutException e) {
      throw new StartException("start_timeout", what + " took too long", e);
    }
  }
}
