package org.probity.node.runtime;

import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.probity.detector.commitment.Machine;
import org.probity.detector.crypto.Hash;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.SigningMark;
import org.probity.detector.node.BootGate;
import org.probity.detector.node.BootInquiry;
import org.probity.node.http.Problems;
import org.probity.node.http.peer.PeerTransport;
import org.probity.node.http.wire.HeldLog;
import org.probity.node.store.NodeStore;
import org.probity.node.store.StoreException;
import org.probity.node.store.StoredLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The start of a node up to its first signature (protocol.md §11.1, §11.2): asks all others how
 * much of its log they know, has recovered what is missing here, and lets it begin once {@link
 * BootGate} says so. With everybody there that is one question to each. Who has not answered is
 * asked again as long as the gate is closed.
 *
 * <p>Everything happens on a thread of its own, in order.
 */
final class Boot implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Boot.class);

  /** Until who is still waited for is asked again: short, because nodes come up together. */
  static final long AGAIN_MILLIS = 200;

  /** The same while nobody has what is known to be missing. */
  private static final long AGAIN_IN_VAIN_MILLIS = 2_000;

  static final String CONTRADICTED = "own_log_contradicted";
  private static final String REMEDY =
      "; if nobody has it any more, this node goes on in its next incarnation: probity node renew";

  private static final String TOO_FEW =
      "; so many are not left: members readmit those that they have stopped, or this node goes on in"
          + " its next incarnation: probity node renew";

  private static final String TOO_MUCH =
      " (recovery_too_large: somebody gives more than "
          + (OwnLogRecovery.MAX_BYTES >> 20)
          + " MiB, which do not fit here; if that much is missing, start it with a heap of more than"
          + " four times as much)";

  private final Machine machine;
  private final Supplier<DecisionChain> decisions;
  private final NodeStore store;
  private final StoredLog ownLog;
  private final SigningMark mark;
  private final PeerTransport transport;
  private final OwnLogRecovery recovery;
  private final OwnRun run;
  private final Outcome outcome;
  private final ScheduledThreadPoolExecutor desk;
  private final Hash originHash;

  // Confined to the desk.
  private OwnLogRestore.OwnEnd end;
  private DecisionChain logged;
  private BootInquiry inquiry = new BootInquiry(0);
  private boolean hasAsked;
  private String told = "";
  private boolean isInVain;
  private boolean isOver;

  private volatile Waiting waiting = new Waiting(Set.of(), "asks the others about its log");

  /** Why nothing is signed yet. */
  private record Waiting(Set<String> nodes, String reason) {}

  /**
   * What a node begins with.
   *
   * @param end where its log goes on
   * @param mark how far its key has signed, which is there
   * @param decisions as far as they are known or in this log
   */
  record Beginning(OwnLogRestore.OwnEnd end, SigningMark mark, DecisionChain decisions) {}

  /** What becomes of the start; on the thread of the boot. */
  interface Outcome {
    /** More was signed than the store has; before any of that is recovered. */
    void putBack();

    /** This node knows decisions that are not known here. */
    void ahead(String node);

    /** It may sign. */
    void open(Beginning beginning) throws StartException;

    /** It must not, and ends. */
    void fail(StartException reason);
  }

  /**
   * @param decisions as far as they are known here
   * @param mark how far the key is known to have signed
   * @param end where the log ends in the store
   * @param logged the decisions that are known and those that are in the log
   * @param run this process, which may not be the only one with its key
   */
  Boot(
      Machine machine,
      Supplier<DecisionChain> decisions,
      NodeStore store,
      StoredLog ownLog,
      SigningMark mark,
      OwnLogRestore.OwnEnd end,
      DecisionChain logged,
      PeerTransport transport,
      OwnRun run,
      Outcome outcome,
      ThreadFactory threads) {
    this.machine = machine;
    this.decisions = decisions;
    this.store = store;
    this.ownLog = ownLog;
    this.mark = mark;
    this.end = end;
    this.logged = logged;
    this.transport = transport;
    this.recovery = new OwnLogRecovery(machine, store, ownLog, transport);
    this.run = run;
    this.outcome = outcome;
    this.originHash = OwnLogRecovery.originHash(machine.origin());
    this.desk = new ScheduledThreadPoolExecutor(1, threads);
    desk.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  /** Begins to ask. */
  void start() {
    desk.execute(
        () -> {
          inquiry = new BootInquiry(elapsedMillis());
          run.begin();
          guarded(this::ask);
        });
  }

  /** Of a node that goes on with whatever it has. */
  void startWithoutAsking() {
    desk.execute(() -> guarded(this::open));
  }

  /** Why nothing is signed yet; for operators. */
  String reason() {
    return waiting.reason();
  }

  /** Nodes whose answers may open the gate. */
  int waitingFor() {
    return waiting.nodes().size();
  }

  private interface Task {
    void run() throws StartException, InterruptedException;
  }

  private void guarded(Task task) {
    if (isOver) {
      return;
    }
    try {
      task.run();
    } catch (InterruptedException e) {
      // The node stops.
      Thread.currentThread().interrupt();
    } catch (StartException e) {
      fail(e);
    } catch (StoreException e) {
      fail(new StartException(e.code().text(), String.valueOf(e.getMessage()), e));
    } catch (RuntimeException | Error e) {
      // Also an Error: nobody else would hear of it, and the gate would be closed for ever.
      fail(new StartException("start_failed", "the boot gate: " + e, e));
    }
  }

  private void fail(StartException reason) {
    isOver = true;
    outcome.fail(reason);
  }

  private void later(long delayMillis, Task task) {
    try {
      @SuppressWarnings("unused")
      var unused = desk.schedule(() -> guarded(task), delayMillis, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      LOG.debug("the node ends", e);
    }
  }

  // Asking.

  private DecisionChain known() {
    DecisionChain told = decisions.get();
    return told.decisions().size() < logged.decisions().size() ? logged : told;
  }

  private BootGate gate() {
    return BootGate.of(
        machine.self(),
        Machine.system(end.position().state()).governance(machine.genesis().networkId()).epoch(),
        known());
  }

  private void ask() throws StartException, InterruptedException {
    isInVain = false;
    judge();
    if (isOver) {
      return;
    }
    run.show(run.due(gate().asked()), () -> later(0, this::judge));
    for (String node : inquiry.due(gate(), elapsedMillis())) {
      question(node).onComplete(done -> later(0, () -> heard(node, done)));
    }
    hasAsked = true;
    later(isInVain ? AGAIN_IN_VAIN_MILLIS : AGAIN_MILLIS, this::ask);
  }

  private static long elapsedMillis() {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
  }

  private Future<HeldLog> question(String node) {
    try {
      return transport.held(node, originHash);
    } catch (RuntimeException e) {
      return Future.failedFuture(e);
    }
  }

  private void heard(String node, AsyncResult<HeldLog> done)
      throws StartException, InterruptedException {
    Optional<BootGate.Answer> answer =
        Optional.of(done)
            .filter(AsyncResult::succeeded)
            .map(AsyncResult::result)
            .flatMap(held -> BootGate.Answer.parse(held.counts(), held.epoch(), held.checkpoint()));
    if (answer.isEmpty()) {
      inquiry.unanswered(node);
    } else if (inquiry.answered(node, answer.get(), known().decisions().size(), elapsedMillis())) {
      outcome.ahead(node);
    }
    judge();
  }

  // Judging.

  private void judge() throws StartException, InterruptedException {
    Optional<String> winner = run.winner();
    if (winner.isPresent()) {
      throw new StartException(Problems.ANOTHER_RUN, winner.get());
    }
    BootGate.Own own = new BootGate.Own(ownLog, end.size(), mark());
    BootGate.Verdict verdict = inquiry.judge(gate(), own, elapsedMillis());
    if (verdict instanceof BootGate.Open) {
      openIfAlone();
    } else if (verdict instanceof BootGate.Closed closed) {
      waits(closed);
    } else if (verdict instanceof BootGate.Behind behind) {
      recover(behind.upTo());
    } else if (verdict instanceof BootGate.Contradicted contradicted) {
      throw contradicted(contradicted.signed());
    } else if (verdict instanceof BootGate.Lost lost) {
      throw new StartException(
          "mark_ahead",
          "this key has signed a log of "
              + lost.signed()
              + " entries, the store holds "
              + end.size()
              + " and none of those who were asked has more: it is an old copy. Put the newest one"
              + " back"
              + REMEDY);
    }
  }

  /** What is recovered was signed: it never lowers the mark. */
  private SigningMark mark() {
    return end.published()
        .map(now -> SigningMark.of(now.checkpoint()))
        .filter(there -> there.size() > mark.size())
        .orElse(mark);
  }

  /**
   * SPEC protocol.md §11.5: no other process that others have heard of lives, as far as one can
   * know.
   */
  private void openIfAlone() throws StartException {
    Optional<String> why = run.waits(gate());
    if (why.isPresent()) {
      waits(Set.of(), why.get());
    } else {
      open();
    }
  }

  private void open() throws StartException {
    isOver = true;
    waiting = new Waiting(Set.of(), "");
    outcome.open(new Beginning(end, mark(), known()));
  }

  private void waits(BootGate.Closed closed) {
    String nodes = String.join(", ", closed.waitingFor());
    waits(
        closed.waitingFor(),
        closed.missing() > 0
            ? "signs nothing before "
                + closed.missing()
                + " more of its witnesses have said how much of its log they know; not yet: "
                + nodes
                + (closed.missing() > closed.waitingFor().size() ? TOO_FEW : "")
            : "signs nothing before it has asked " + nodes + " about its log");
  }

  private void waits(Set<String> nodes, String reason) {
    // Not while the first answers are on their way.
    boolean isNews = !reason.equals(told);
    if (hasAsked && isNews) {
      told = reason;
      LOG.info("the boot gate is closed: this node {}", reason);
    }
    waiting = new Waiting(Set.copyOf(nodes), reason);
  }

  private StartException contradicted(SignedCheckpoint signed) {
    String why =
        "others hold a checkpoint of "
            + signed.size()
            + " entries that this key has signed and that is of another history than the log here:"
            + " two processes have run with this key, or an old copy of the store was written on";
    // Whoever has shown it may be away at the next start.
    store.latch().set(why);
    return new StartException(
        CONTRADICTED,
        why
            + ". It signs nothing any more. Put the newest store back; what was signed twice stays"
            + " signed"
            + REMEDY);
  }

  // Recovering.

  private void recover(SignedCheckpoint upTo) throws StartException, InterruptedException {
    if (isInVain) {
      // Nobody had it a moment ago.
      return;
    }
    outcome.putBack();
    BootInquiry.Holders holders = inquiry.holders(upTo);
    Optional<OwnLogRestore.OwnEnd> recovered = recovery.recover(end, mark(), upTo, holders.all());
    if (recovered.isEmpty()) {
      isInVain = true;
      inquiry.inVain(gate());
      waits(
          gate().asked(),
          "has signed entries "
              + end.size()
              + " to "
              + (upTo.size() - 1)
              + ", as "
              + String.join(", ", holders.shownBy())
              + " can show, and none of those who answer has them"
              + (recovery.wasTooMuch() ? TOO_MUCH : "")
              + REMEDY);
      return;
    }
    end = recovered.get();
    logged = OwnLogRestore.decisions(logged, ownLog, end);
    judge();
  }

  @Override
  public void close() {
    desk.shutdownNow();
    Endings.finish(desk);
  }
}
