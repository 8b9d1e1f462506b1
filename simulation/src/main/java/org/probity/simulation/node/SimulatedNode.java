package org.probity.simulation.node;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.probity.detector.audit.AuditSchedule;
import org.probity.detector.challenge.AnswerRule;
import org.probity.detector.challenge.ChallengeRule;
import org.probity.detector.challenge.ConfirmationRule;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.CheckpointVerifier;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.VerifiedCheckpoint;
import org.probity.detector.commitment.Views;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.evidence.Evidence;
import org.probity.detector.evidence.EvidenceVerifier;
import org.probity.detector.evidence.Verification;
import org.probity.detector.governance.Assembly;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.GovernanceState;
import org.probity.detector.governance.Incarnations;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.NodeStanding;
import org.probity.detector.governance.Seating;
import org.probity.detector.governance.ValidDecision;
import org.probity.detector.log.CheckpointSigner;
import org.probity.detector.log.Cosignature;
import org.probity.detector.log.Entry;
import org.probity.detector.log.EntryType;
import org.probity.detector.log.Origin;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.SignedNote;
import org.probity.detector.log.SigningMark;
import org.probity.detector.log.UnreadableLogException;
import org.probity.detector.node.BootGate;
import org.probity.detector.node.BootWitness;
import org.probity.detector.node.Commit;
import org.probity.detector.node.CommitStore;
import org.probity.detector.node.Durable;
import org.probity.detector.node.Input;
import org.probity.detector.node.LogPosition;
import org.probity.detector.node.Node;
import org.probity.detector.node.Published;
import org.probity.detector.node.Release;
import org.probity.detector.node.Restore;
import org.probity.detector.node.SigningRefused;
import org.probity.detector.node.Step;
import org.probity.detector.program.Program;
import org.probity.detector.state.StateTree;
import org.probity.detector.trust.TrustListener;
import org.probity.detector.trust.Verdict;
import org.probity.simulation.world.Chance;
import org.probity.simulation.world.Reply;
import org.probity.simulation.world.Request;

/**
 * A node's process: the production core, and around it a shell that does in virtual time what the
 * shell of a real node does on threads. It can be stopped at any instant, and started again on what
 * its disk holds by then.
 */
public final class SimulatedNode implements TrustListener {

  /**
   * What it takes an operator to see to a node that has stopped itself; others suspect it by then.
   */
  private static final long OPERATOR_MICROS = 30_000_000;

  /** Between two looks at what the members say. */
  private static final long COUNCIL_MILLIS = 1_500;

  /** What a witness says of a checkpoint that its copy does not reach. */
  static final String AHEAD = "checkpoint_ahead";

  /** Commits between two states written in the background. */
  private static final int FLUSH_COMMITS = 16;

  private final World world;
  private final String name;
  private final Program truth;
  private final Machine machine;
  private final Signer key;
  private final Chance chance;
  private final StatementVerifier statements;
  private final CheckpointVerifier checkpoints;
  private final EvidenceVerifier verifier;
  private final ChallengeRule challengeRule;
  private final AnswerRule answerRule;
  private final ConfirmationRule confirmationRule;
  private final ServedLog ownLog;
  private final FrontDesk desk;

  /** What happens here, as the trace calls it. */
  private final Map<String, String> labels = new HashMap<>();

  private Outbox outbox;
  private Behaviour behaviour;
  private Disk disk;

  // Of one run of the process.
  private GatedKey logKey;
  private Views views = new Views();
  private @Nullable Boot boot;
  private Council council;
  private GovernanceState governance;

  /** By {@link #governance}: it is asked for with every message. */
  private Map<String, NodeStanding> stopped;

  private Seating seating;
  private Witnessing witnessing;
  private boolean isUp;
  private boolean isPaused;

  /** What comes while it rests. */
  private final Queue<Runnable> kept = new ArrayDeque<>();

  private long generation;
  private @Nullable Node node;
  private final Map<Long, Consumer<Release>> tickets = new LinkedHashMap<>();
  private boolean isCommitting;
  private boolean isRetired;
  private boolean isAbandoned;

  /** Of a process whose commit has failed: it serves its log, and does nothing else. */
  private boolean isReadOnly;

  private Optional<Published> readable = Optional.empty();

  private boolean isOperatorCalled;
  private long nextTicket;
  private long commits;
  private long wallSkewMillis;
  private @Nullable Long frozenWallMillis;

  /** One in its founding incarnation. */
  public SimulatedNode(World world, String name, Disk disk, Behaviour behaviour) {
    this(
        world,
        Incarnations.founding(world.founding().genesis().node(name).orElseThrow()),
        world.founding().logKey(name),
        disk,
        behaviour);
  }

  /** One that goes on with what earlier incarnations have written. */
  SimulatedNode(World world, Incarnations writers, Signer logKey, Disk disk, Behaviour behaviour) {
    this.world = world;
    this.name = writers.present().node();
    this.disk = disk;
    this.behaviour = behaviour;
    Founding founding = world.founding();
    this.truth = world.program();
    this.machine = new Machine(founding.genesis(), writers, behaviour.program(truth));
    this.key = logKey;
    this.logKey = new GatedKey(logKey);
    this.chance = world.chance("node " + Founding.incarnation(writers.present()));
    this.council = new Council(this, founding.genesis(), disk);
    this.governance = DecisionChain.of(founding.genesis(), founding.genesis().signatures()).state();
    this.stopped = governance.stopped();
    this.seating = Seating.of(governance);
    this.statements =
        new StatementVerifier(founding.genesis().signatures(), founding.genesis().networkId());
    this.checkpoints = new CheckpointVerifier(this::chain);
    this.verifier = new EvidenceVerifier(founding.genesis(), Map.of(truth.id(), truth));
    this.challengeRule = new ChallengeRule(founding.genesis(), truth, this::chain);
    this.answerRule = new AnswerRule(founding.genesis(), truth, this::chain);
    this.confirmationRule = new ConfirmationRule(this::chain);
    this.ownLog = new ServedLog(this);
    this.desk = new FrontDesk(this);
    this.outbox = new Outbox(this);
    this.witnessing = new Witnessing(this);
  }

  // What others look at.

  public String name() {
    return name;
  }

  public World world() {
    return world;
  }

  public Machine machine() {
    return machine;
  }

  /** What every node is to run; what this one does run, its behaviour says. */
  Program truth() {
    return truth;
  }

  /** Of a node that asks before it signs it signs nothing until then. */
  public Signer logKey() {
    return behaviour.asks() ? logKey : key;
  }

  /**
   * SPEC protocol.md §6.6: a checkpoint with the word of this node that it holds what that is over.
   */
  public SignedNote cosigned(SignedCheckpoint checkpoint) {
    return checkpoint
        .note()
        .with(
            List.of(
                Cosignature.sign(
                    world.founding().cosignerKey(machine.self()),
                    machine.origin().format(),
                    checkpoint.note().textBytes(),
                    wallMillis() / 1_000)));
  }

  public Disk disk() {
    return disk;
  }

  /** Whether it takes part: its process runs, and its gate is open. */
  public boolean isUp() {
    return isUp;
  }

  /** Whether its process runs, be it that it signs nothing yet. */
  public boolean isRunning() {
    return isUp || boot != null;
  }

  /** The core; only while the process runs. */
  public Node core() {
    Node core = node;
    if (core == null) {
      throw new IllegalStateException(name + " does not run");
    }
    return core;
  }

  public Verdict verdict(String other) {
    return core().verdict(other);
  }

  public Map<String, Ward> wards() {
    return witnessing.wards();
  }

  /** What is kept here of a log, whether it goes on or is closed; also before this node signs. */
  public Optional<StoredEntries> copyOf(Origin log) {
    return isUp ? witnessing.kept(log).map(Ward::stored) : disk.kept(log);
  }

  /** What it shows to whoever reads logs: its own, and what it does not hide of others'. */
  Map<Origin, StoredEntries> shown() {
    Map<Origin, StoredEntries> shown = new LinkedHashMap<>();
    shown.put(machine.origin(), disk.log());
    disk.wardLogs().stream()
        .filter(behaviour::discloses)
        .forEach(log -> copyOf(log).ifPresent(copy -> shown.putIfAbsent(log, copy)));
    return shown;
  }

  /** Whether others may have what is kept here of a log that is not its own. */
  public boolean discloses(Origin log) {
    return log.equals(machine.origin()) || behaviour.discloses(log);
  }

  /** The witness seats in force by its durable log. */
  public Seating seating() {
    return seating;
  }

  AuditSchedule schedule() {
    return witnessing.schedule();
  }

  Witnessing witnessing() {
    return witnessing;
  }

  ServedLog ownLog() {
    return ownLog;
  }

  Outbox outbox() {
    return outbox;
  }

  Council council() {
    return council;
  }

  Behaviour behaviour() {
    return behaviour;
  }

  ChallengeRule challengeRule() {
    return challengeRule;
  }

  ConfirmationRule confirmationRule() {
    return confirmationRule;
  }

  AnswerRule answerRule() {
    return answerRule;
  }

  public EvidenceVerifier verifier() {
    return verifier;
  }

  /** The decisions that are known here. */
  public DecisionChain chain() {
    return council.chain();
  }

  CheckpointVerifier checkpoints() {
    return checkpoints;
  }

  StatementVerifier statements() {
    return statements;
  }

  long elapsedMillis() {
    return world.timeline().nowMillis();
  }

  // Starting and stopping.

  /** Puts another disk in; only while it is down. */
  public void replaceDisk(Disk other) {
    if (isUp) {
      throw new IllegalStateException(name + " runs");
    }
    disk = other;
  }

  /** How far this machine's clock is from the time. */
  public void skewClock(long millis) {
    world.observer().clockSet(name(), millis);
    wallSkewMillis = millis;
    frozenWallMillis = null;
  }

  /** This machine's clock stands still. */
  public void freezeClock() {
    frozenWallMillis = wallMillis();
  }

  long wallMillis() {
    return frozenWallMillis != null
        ? frozenWallMillis
        : Founding.FOUNDED_MILLIS + world.timeline().nowMillis() + wallSkewMillis;
  }

  /** A new process on what the disk holds; false if it must not, or cannot, go on there. */
  public boolean start() {
    if (isRunning()) {
      return true;
    }
    crash();
    generation++;
    if (isAbandoned) {
      return false;
    }
    if (!disk.lock(this)) {
      // SPEC protocol.md §11.5: of two processes with one key one does not sign.
      refuse("another process runs on its disk");
      return false;
    }
    if (open()) {
      return true;
    }
    disk.unlock(this);
    return false;
  }

  /** A process of another release: it says so, and does nothing. */
  public boolean startAs(Program other) {
    try {
      Machine ignored = new Machine(machine.genesis(), machine.incarnations(), other);
      return ignored.self().equals(machine.self()) && start();
    } catch (IllegalArgumentException e) {
      refuse(String.valueOf(e.getMessage()));
      return false;
    }
  }

  /** Another process on the same disk and under the same key; it does not run yet. */
  public SimulatedNode twin() {
    return new SimulatedNode(world, machine.incarnations(), key, disk, behaviour);
  }

  private boolean open() {
    if (disk.isLatched()) {
      // SPEC protocol.md §4.6: a restart by the supervisor does not clear it.
      refuse("its store is latched");
      callOperator();
      return false;
    }
    if (disk.isMarkLost()) {
      // SPEC protocol.md §11.1: a missing mark always means lost, never new.
      refuse("its signing mark is lost");
      return false;
    }
    Boot.End end;
    DecisionChain logged;
    council = new Council(this, machine.genesis(), disk);
    council.resume();
    try {
      Optional<Restore.Restored> restored = restored();
      end =
          restored.isPresent()
              ? Boot.End.of(restored.get())
              : new Boot.End(beginning(), Optional.empty());
      logged =
          restored.isPresent()
              ? Restore.decisions(chain(), disk.log(), restored.get().published())
              : chain();
    } catch (Restore.RestoreException | UnreadableLogException | DecodeException e) {
      refuse("its log cannot be continued: " + e.getMessage());
      return false;
    }
    if (!behaviour.asks() && disk.mark().size() > end.size()) {
      // SPEC protocol.md §4.6, §11: more was signed than is here.
      refuse("its mark is at " + disk.mark().size() + ", its log at " + end.size());
      return false;
    }
    isRetired = behaviour.isWrittenByHand();
    isCommitting = false;
    isPaused = false;
    logKey = new GatedKey(key);
    outbox = new Outbox(this);
    views = views();
    standAt(end);
    world.trace().tell(name, "starts at " + end.size());
    if (disk.mark().size() == 0) {
      disk.begins();
    }
    if (behaviour.asks()) {
      ask(end, logged);
    } else {
      begin(end, disk.mark(), logged);
    }
    return true;
  }

  /** SPEC protocol.md §11.1: serves what it has, and signs nothing before others have answered. */
  private void ask(Boot.End end, DecisionChain logged) {
    Boot asking = new Boot(this, end, logged);
    boot = asking;
    beat("council", COUNCIL_MILLIS, this::confer);
    asking.ask();
  }

  /** Somebody shows it what is decided. */
  void told(DecisionChain decisions) {
    decisions.decisions().stream()
        .skip(chain().decisions().size())
        .forEach(decision -> council.told(decision.encoded()));
  }

  /** Nothing is missing here that anybody could miss: from here on it signs. */
  void begin(Boot.End end, SigningMark mark, DecisionChain logged) {
    long epoch = chain().decisions().size();
    Observer.Asked asked =
        boot == null
            ? new Observer.Asked(world.timeline().nowMicros(), epoch, epoch)
            : boot.asked();
    logKey.open();
    told(logged);
    disk.opened(chain().decisions().size());
    standAt(end);
    node =
        new Node(
            machine,
            CheckpointSigner.guarding(logKey, machine.origin(), mark),
            end.position(),
            end.published(),
            disk.log(),
            views,
            this,
            world.pace().patience(),
            chain());
    boot = null;
    isUp = true;
    world.observer().opened(name, machine.origin(), disk.log().size(), asked);
    witnessing = new Witnessing(this);
    witnessing.open();
    beat("clock", world.pace().clockMillis(), this::clock);
    beat("round", world.pace().roundMillis(), witnessing::round);
    beat("look", world.pace().lookMillis(), witnessing::look);
    recall();
    clock();
    witnessing.follow();
    council.open();
    if (!behaviour.asks()) {
      beat("council", COUNCIL_MILLIS, this::confer);
    }
  }

  /** What others read, and who witnesses whom, by the log as it is. */
  private void standAt(Boot.End end) {
    readable = end.published();
    governance = Machine.system(end.position().state()).governance(networkId());
    stopped = governance.stopped();
    seating = Seating.of(governance);
  }

  /** Another history is signed with this key: nothing more is. */
  void contradicted(SignedCheckpoint signed) {
    disk.latch();
    stop("others hold another log of " + signed.size() + " entries under its key");
    callOperator();
  }

  /** SPEC protocol.md §11.1: what is known here of a log, for the node that writes it. */
  Reply held(Origin log) {
    Optional<NodeRecord> author =
        chain().keys().log(log.node(), log.incarnation()).map(Incarnations::present);
    if (author.isEmpty()) {
      return new Reply.HeldLog(false, chain().decisions().size(), Optional.empty());
    }
    BootGate.Answer answer =
        BootWitness.answer(
            chain(),
            author.get(),
            disk.knownSince(),
            disk.copyOf(log),
            Stream.concat(
                witnessing.kept(log).flatMap(ward -> ward.promised().farthest()).stream(),
                Stream.concat(views.newest(log).stream(), views.unlinked(log).stream())
                    .map(VerifiedCheckpoint::signed)));
    return new Reply.HeldLog(
        answer.counts(), answer.epoch(), answer.held().map(SignedCheckpoint::bytes));
  }

  private Hash networkId() {
    return machine.genesis().networkId();
  }

  // Governance.

  /** One of the others is asked for what is not here, and the member that owns this node votes. */
  private void confer() {
    if (world.isGoverned() && behaviour.votes()) {
      List<Bytes> ballots = world.elector(name).next(council.assembly(), council.chain());
      if (!ballots.isEmpty()) {
        council.say(ballots, true);
      }
    }
    List<String> others =
        machine.genesis().nodes().stream()
            .map(NodeRecord::node)
            .filter(node -> !node.equals(name))
            .toList();
    confer(chance.oneOf(others));
  }

  /** One of the others is asked for what was decided and is not known here, and for ballots. */
  void confer(String other) {
    Request.Assembled question = council.question();
    outbox.ask(
        other,
        question,
        reply -> {
          if (reply.isPresent() && reply.get() instanceof Reply.Assembled answer) {
            council.take(question.epoch(), answer);
          }
        });
  }

  /** The core is told of a decision. */
  void decided(ValidDecision decision) {
    if (behaviour.decides() && isUp) {
      step(new Input.DecisionTaken(decision));
    }
  }

  /** What members say; whoever owns this node hands it in. */
  public void say(List<Bytes> statements, boolean isBallot) {
    if (isRunning()) {
      guarded(() -> council.say(statements, isBallot));
    }
  }

  /** What is put to the vote, as far as known here. */
  public Assembly assembly() {
    return council.assembly();
  }

  /** Decisions in the durable log. */
  public long loggedEpoch() {
    return governance.epoch();
  }

  /** What is proven here. */
  public List<Evidence> proofs() {
    return disk.evidence();
  }

  /**
   * SPEC protocol.md §7.4: only a decision in the own log changes whom a node talks to for good.
   * Before it signs it logs none, and goes by those that it knows.
   */
  public boolean isStopped(String other) {
    return seating.node(other).isPresent() && !(standing(other) instanceof NodeStanding.Active);
  }

  /**
   * SPEC protocol.md §13.4: who is suspended hears of its case and of its readmission, and may show
   * that; to who is revoked nobody talks.
   */
  boolean isTurnedAway(String other, Request request) {
    return isStopped(other)
        && (standing(other) instanceof NodeStanding.Revoked
            || !(request instanceof Request.Assembled));
  }

  private NodeStanding standing(String other) {
    return isUp
        ? stopped.getOrDefault(other, new NodeStanding.Active())
        : chain().state().standing(other);
  }

  /** Seats are state: they move when a decision is durable here. */
  private void reached(StateTree state) {
    GovernanceState now = Machine.system(state).governance(networkId());
    if (now.epoch() == governance.epoch()) {
      return;
    }
    governance = now;
    stopped = now.stopped();
    seating = Seating.of(now);
    boolean isClosed =
        seating
            .node(name)
            .filter(present -> present.incarnation() > machine.self().incarnation())
            .isPresent();
    if (isClosed) {
      stop("the members have closed this incarnation");
      abandon();
      return;
    }
    witnessing.seated(seating);
  }

  /** What was proven, and what was open, when it stopped. */
  private void recall() {
    disk.evidence().forEach(proof -> step(new Input.EvidenceFound(proof)));
    for (Bytes statement : disk.challenges()) {
      challengeRule
          .check(statement)
          .valid()
          .ifPresent(
              valid ->
                  step(
                      valid.challenger().equals(machine.self())
                          ? new Input.ChallengeRaised(valid)
                          : new Input.ChallengeArrived(valid, ticket(release -> {}))));
    }
  }

  /** SPEC protocol.md §11.3: who is not where the members say does not begin. */
  private LogPosition beginning() throws Restore.RestoreException {
    return machine.incarnations().first() == 0
        ? LogPosition.start(machine)
        : Restore.close(machine, disk.log());
  }

  /** Nobody starts it again: its machine is gone, or another goes on instead. */
  void abandon() {
    crash();
    isAbandoned = true;
  }

  /** Whether nobody starts it again. */
  public boolean isAbandoned() {
    return isAbandoned;
  }

  void refuse(String why) {
    world.trace().tell(name, "does not start: " + why);
    world.observer().stopped(name, why);
  }

  private Optional<Restore.Restored> restored() throws Restore.RestoreException {
    Optional<SignedCheckpoint> newest = disk.log().newest();
    if (newest.isEmpty()) {
      return Optional.empty();
    }
    Optional<Published> flushed = disk.flushed().filter(state -> state.size() <= disk.log().size());
    long stateIndex = flushed.map(state -> state.size() - 1).orElse(0L);
    StateTree state = flushed.map(Published::state).orElseGet(machine::initialState);
    return Optional.of(Restore.replay(machine, disk.log(), newest.get(), stateIndex, state));
  }

  private Views views() {
    Views views = new Views();
    try {
      for (Bytes view : disk.views()) {
        views.restore(view, checkpoints);
      }
    } catch (DecodeException e) {
      throw new IllegalStateException("a view is damaged", e);
    }
    return views;
  }

  /** The process is gone, with everything that is not on its disk. */
  public void crash() {
    if (isRunning() || isReadOnly) {
      world.trace().tell(name, "crashes at " + disk.log().size());
      isUp = false;
      boot = null;
      isReadOnly = false;
      disk.unlock(this);
      generation++;
      node = null;
      witnessing = new Witnessing(this);
      tickets.clear();
      ownLog.drop();
    }
  }

  /** Stops itself for good, until it is started anew. */
  private void stop(String why) {
    world.trace().tell(name, "stops: " + why);
    world.observer().stopped(name, why);
    crash();
  }

  /**
   * SPEC protocol.md §4.6: a commit has failed. Nothing is signed any more, and the log is served
   * until the process ends. Where there was no room the disk is as good as ever.
   */
  void latch() {
    readable = published();
    stop("a commit has failed");
    if (!disk.isFull()) {
      disk.latch();
    }
    isReadOnly = disk.lock(this);
    callOperator();
  }

  private void callOperator() {
    if (!isOperatorCalled) {
      isOperatorCalled = true;
      world
          .timeline()
          .after(
              chance.between(OPERATOR_MICROS / 30, OPERATOR_MICROS),
              name + " operator",
              this::attend);
    }
  }

  /**
   * Its operator restarts it; SPEC protocol.md §11.3: where nobody knows what is on the disk it
   * goes on in its next incarnation.
   */
  private void attend() {
    isOperatorCalled = false;
    boolean isItsProcess = world.host(name).processes().contains(this);
    if (isAbandoned || !isItsProcess) {
      return;
    }
    if (disk.isLatched()) {
      crash();
      world.succeed(name, disk.log());
    } else if (isReadOnly && start()) {
      world.observer().attended(name);
    }
  }

  /** The durable end of its log, as others can read it. */
  Optional<Published> published() {
    return isUp ? core().published() : readable;
  }

  /**
   * It does nothing, and takes nothing in, until it goes on. What has come meanwhile is there then,
   * all at once, and its clocks have jumped.
   */
  public void pause(boolean isToPause) {
    isPaused = isToPause;
    while (!isPaused && !kept.isEmpty()) {
      kept.remove().run();
    }
  }

  /**
   * Everything that is wrong with this machine is seen to; a process that has stopped itself waits
   * for its operator all the same.
   */
  public void repair() {
    disk.repair();
    skewClock(0);
    pause(false);
    if (!isReadOnly) {
      start();
    }
  }

  /** From now on it behaves like this; what it runs stays what it was. */
  public void behave(Behaviour other) {
    behaviour = other;
  }

  /** Runs a task later in this process, unless that has ended by then. */
  public void later(long micros, String what, Runnable task) {
    String named = labels.computeIfAbsent(what, it -> name + " " + it);
    world.timeline().after(micros, named, ofThisProcess(() -> guarded(task)));
  }

  /**
   * Runs a task in this process: not if that has ended by then, and when it goes on if it rests.
   */
  private Runnable ofThisProcess(Runnable task) {
    long mine = generation;
    return new Runnable() {
      @Override
      public void run() {
        if (isRunning() && mine == generation) {
          if (isPaused) {
            kept.add(this);
          } else {
            task.run();
          }
        }
      }
    };
  }

  private void beat(String what, long millis, Runnable task) {
    long jitterMicros = chance.between(0, millis * 100);
    later(
        millis * 1_000 - jitterMicros,
        what,
        () -> {
          task.run();
          beat(what, millis, task);
        });
  }

  /** Runs what touches the core. */
  private void guarded(Runnable task) {
    try {
      task.run();
    } catch (SigningRefused e) {
      stop(String.valueOf(e.getMessage()));
    } catch (UnreadableLogException e) {
      // SPEC faults.md: a flipped bit is found on read and never signed over.
      stop("its log cannot be read: " + e.getMessage());
    } catch (RuntimeException | StackOverflowError e) {
      world.observer().broken(name, e);
      crash();
    }
  }

  // The core.

  /**
   * The core does nothing any more, and those who wait for its log are not answered: whoever writes
   * the log on by hand has no use for it.
   */
  public void retireCore() {
    isRetired = true;
    ownLog.drop();
  }

  void step(Input input) {
    if (isRetired) {
      return;
    }
    Step step = core().step(input);
    step.effects().forEach(outbox::carryOut);
    sealIfIdle();
  }

  /** From what came over the wire, later than the process may live. */
  <T> Consumer<T> input(Consumer<T> task) {
    long mine = generation;
    return value -> {
      if (mine == generation) {
        ofThisProcess(() -> guarded(() -> task.accept(value))).run();
      }
    };
  }

  private void sealIfIdle() {
    if (isCommitting || isRetired || !isUp || !core().hasUnsealed()) {
      return;
    }
    Step step = core().step(new Input.Seal());
    step.effects().forEach(outbox::carryOut);
    step.commit()
        .ifPresent(
            commit -> {
              isCommitting = true;
              later(commitMicros(), "commit", () -> persist(commit));
            });
  }

  /** What a disk takes for a commit. */
  long commitMicros() {
    return chance.between(500, 3_000);
  }

  private void persist(Commit commit) {
    Durable durable;
    try {
      durable = disk.commit(commit);
    } catch (Disk.MachineDied e) {
      tellWhatIsLogged(commit);
      crash();
      return;
    } catch (IOException e) {
      tellWhatIsLogged(commit);
      latch();
      return;
    }
    tellWhatIsLogged(commit);
    // A crash may come between the disk's work and the news of it.
    later(chance.between(0, 200), "durable", () -> durable(commit, durable));
  }

  /** What is on the disk is logged, whether or not the node ever hears of it. */
  private void tellWhatIsLogged(Commit commit) {
    commit
        .growth()
        .map(CommitStore.Growth::append)
        .filter(append -> disk.log().newest().filter(append.checkpoint()::equals).isPresent())
        .ifPresent(
            append -> {
              world.trace().bytes(append.checkpoint().bytes());
              world.costs().logged(append.entries().size());
              world.observer().logged(name, append.entries());
            });
  }

  private void durable(Commit commit, Durable durable) {
    if (isRetired) {
      return;
    }
    isCommitting = false;
    Step step = core().step(new Input.CommitDurable(commit, durable));
    if (commit.growth().isPresent()) {
      Published now = core().published().orElseThrow();
      if (commits++ % FLUSH_COMMITS == 0) {
        disk.flush(now);
      }
      world.observer().released(machine.origin(), now.size());
      ownLog.publish(now);
      reached(now.state());
      if (!isUp) {
        return;
      }
    }
    step.effects().forEach(outbox::carryOut);
    sealIfIdle();
  }

  private void clock() {
    step(new Input.Clock(wallMillis(), elapsedMillis()));
  }

  /** Puts bytes before the verifier; what it accepts counts here. */
  void examine(Bytes candidate) {
    Verification verification = verified(candidate);
    world.observer().examined(name, candidate, verification);
    if (verification instanceof Verification.Proven proven) {
      if (behaviour.accuses(proven.evidence().node().orElse(""))) {
        if (disk.keep(proven.evidence())) {
          council.proven();
        }
        if (isUp) {
          step(new Input.EvidenceFound(proven.evidence()));
        }
        if (world.isGoverned()) {
          later(0, "propose", council::settle);
        }
      }
    }
  }

  /** Once for all that are told of it. */
  private Verification verified(Bytes candidate) {
    Verification before = world.proven().find(candidate);
    if (before != null) {
      return before;
    }
    Verification verification = verifier.verify(candidate);
    if (verification instanceof Verification.Proven proven) {
      world.proven().keep(proven);
    }
    return verification;
  }

  // What comes in.

  /** Something has come over the wire. */
  public void arrived(String from, Request request, Consumer<Reply> answer) {
    if (isReadOnly && !isPaused) {
      read(request, answer);
    }
    ofThisProcess(() -> taken(from, request, answer)).run();
  }

  private void taken(String from, Request request, Consumer<Reply> answer) {
    if (isTurnedAway(from, request)) {
      return;
    }
    Optional<Reply> instead = behaviour.serve(this, from, request);
    if (instead.isPresent()) {
      if (instead.get() != Behaviour.SILENT) {
        answer.accept(instead.get());
      }
      return;
    }
    Consumer<Reply> honest =
        input(
            (Reply reply) -> {
              Reply said = behaviour.answers(this, from, request, reply);
              if (request instanceof Request.Audited audit && said instanceof Reply.Ok) {
                world.observer().audited(name(), from, audit.body(), this::copyOf);
              }
              if (said != Behaviour.SILENT) {
                answer.accept(said);
              }
            });
    guarded(() -> desk.handle(from, request, honest));
  }

  /** What a process answers that has stopped itself. */
  private void read(Request request, Consumer<Reply> answer) {
    if (request instanceof Request.Follow follow) {
      ownLog.followed(follow, answer);
    } else if (request instanceof Request.Copy copy) {
      ownLog.copy(copy).or(() -> disk.copy(copy)).ifPresent(answer);
    } else if (!(request instanceof Request.Proof)) {
      // A proof is given again until somebody takes it.
      answer.accept(new Reply.Refused("node_latched"));
    }
  }

  /** Whoever waits for this is told. */
  void released(Release release) {
    Consumer<Release> waiting = tickets.remove(release.ticket());
    if (waiting != null) {
      waiting.accept(release);
    }
  }

  /** Under which the core's answer comes back to whoever waits for it. */
  long ticket(Consumer<Release> waiting) {
    long ticket = nextTicket++;
    tickets.put(ticket, waiting);
    return ticket;
  }

  // Verdicts.

  @Override
  public void exposed(String other, Evidence evidence) {
    world
        .trace()
        .tell(
            name,
            "exposes "
                + other
                + ": "
                + evidence.faultId().kind()
                + " "
                + evidence.code()
                + " at "
                + evidence.faultId().position());
    world.observer().exposed(name, other);
  }

  @Override
  public void suspected(String other, String reason) {
    world.trace().tell(name, "suspects " + other + ": " + reason);
    world.observer().suspected(name, other, reason);
  }

  @Override
  public void trusted(String other) {
    world.trace().tell(name, "trusts " + other + " again");
    world.observer().trusted(name, other);
  }

  /** Entry {@code index} of the own log; for oracles. */
  public Entry entry(long index) {
    try {
      return disk.log().decoded(index);
    } catch (DecodeException e) {
      throw new IllegalStateException("own entry " + index + " is damaged", e);
    }
  }

  /** All entries of one type in the own log, in order; for oracles. */
  public List<Entry> entries(EntryType type) {
    try {
      return disk.log().decoded(type);
    } catch (DecodeException e) {
      throw new IllegalStateException("an own " + type + " is damaged", e);
    }
  }
}
