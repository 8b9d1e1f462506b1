package org.probity.node.runtime;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.probity.detector.audit.Replica;
import org.probity.detector.commitment.CheckpointVerifier;
import org.probity.detector.commitment.Machine;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.evidence.EvidenceBuilder;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.Incarnations;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.program.Program;
import org.probity.node.scoring.PeerObserver;
import org.probity.node.store.NodeStore;
import org.probity.node.store.StoredLog;

/**
 * Opens wards of a node, at its start or when it takes a seat: for each the copy of its log, the
 * memory of its audit and a thread of its own. All of them share one budget for unfinished ranges.
 */
final class WardOpening {
  /** After that long without a task a ward's thread ends. */
  private static final long IDLE_SECONDS = 60;

  private final Genesis genesis;
  private final Supplier<DecisionChain> decisions;
  private final Program program;
  private final NodeStore store;
  private final RuntimeMetrics metrics;
  private final Executor verification;
  private final CheckpointVerifier checkpoints;
  private final CheckpointRelay.Core core;
  private final Ward.Findings findings;
  private final Ward.Retry retry;
  private final AuditRota rota;
  private final PeerObserver observer;
  private final PartialBudget partials = PartialBudget.ofHeap();
  private final StatementVerifier statements;
  private final List<ExecutorService> workers = new CopyOnWriteArrayList<>();

  WardOpening(
      Supplier<DecisionChain> decisions,
      Program program,
      NodeStore store,
      RuntimeMetrics metrics,
      Executor verification,
      CheckpointVerifier checkpoints,
      CheckpointRelay.Core core,
      Ward.Findings findings,
      Ward.Retry retry,
      AuditRota rota,
      PeerObserver observer) {
    this.genesis = decisions.get().genesis();
    this.decisions = decisions;
    this.program = program;
    this.store = store;
    this.metrics = metrics;
    this.verification = verification;
    this.checkpoints = checkpoints;
    this.core = core;
    this.findings = findings;
    this.retry = retry;
    this.rota = rota;
    this.observer = observer;
    this.statements = new StatementVerifier(SignatureRule.fastest(), genesis.networkId());
  }

  /** Lets the wards' threads end, after what they are at. */
  void finish() {
    workers.forEach(Endings::finish);
  }

  /** The wards of a node's several incarnations have one each. */
  private static String queue(NodeRecord ward) {
    return "ward_" + ward.node() + (ward.incarnation() == 0 ? "" : "_" + ward.incarnation());
  }

  /**
   * Opens one. Its relay learns of the seats in force before it starts.
   *
   * @param ward the node in any of its incarnations, each of which has a log of its own
   */
  Ward open(NodeRecord ward) {
    Incarnations writers =
        decisions.get().keys().log(ward.node(), ward.incarnation()).orElseThrow();
    StoredLog stored = store.replicas().log(genesis.origin(ward).format());
    Replica replica =
        new Replica(
            new EvidenceBuilder(
                genesis.networkId(), decisions.get().enrolling(List.of(genesis.origin(ward)))),
            genesis.origin(ward),
            ward.logKey(),
            SignatureRule.fastest(),
            stored.frontier(),
            Ward.coveredSize(stored));
    ExecutorService worker = worker("ward-" + ward.node());
    try {
      Ward opened = ward(ward, writers, stored, replica, worker);
      workers.add(worker);
      return opened;
    } catch (RuntimeException e) {
      worker.shutdown();
      throw e;
    }
  }

  /** One task at a time; a ward of which nothing comes has no thread. */
  private static ExecutorService worker(String name) {
    ThreadPoolExecutor worker =
        new ThreadPoolExecutor(
            1, 1, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), Endings.named(name));
    worker.allowCoreThreadTimeOut(true);
    return worker;
  }

  private Ward ward(
      NodeRecord ward,
      Incarnations writers,
      StoredLog stored,
      Replica replica,
      ExecutorService worker) {
    return new Ward(
        new Machine(genesis, writers, program),
        replica,
        stored,
        store.replicas(),
        new AuditMemory(ward.node(), () -> store.audited(stored)),
        statements,
        decisions,
        metrics.counted(queue(ward), worker),
        verification,
        checkpoints,
        core,
        findings,
        metrics::audited,
        partials,
        retry,
        rota,
        observer,
        System::nanoTime);
  }
}
