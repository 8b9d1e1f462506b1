package org.probity.simulation.node;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.probity.detector.audit.AuditBook;
import org.probity.detector.audit.AuditSchedule;
import org.probity.detector.audit.AuditSlot;
import org.probity.detector.audit.DecisionsBehind;
import org.probity.detector.audit.EmbeddedRelay;
import org.probity.detector.audit.Proof;
import org.probity.detector.audit.Replica;
import org.probity.detector.challenge.Answer;
import org.probity.detector.challenge.AnswerRule;
import org.probity.detector.challenge.Challenge;
import org.probity.detector.challenge.ChallengeRule;
import org.probity.detector.challenge.Claim;
import org.probity.detector.challenge.ValidChallenge;
import org.probity.detector.challenge.VerifiedAnswer;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.Ack;
import org.probity.detector.commitment.AuditRule;
import org.probity.detector.commitment.AuditStatement;
import org.probity.detector.commitment.CheckpointVerifier;
import org.probity.detector.commitment.Envelope;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.TransactionRule;
import org.probity.detector.commitment.VerifiedAck;
import org.probity.detector.commitment.VerifiedAudit;
import org.probity.detector.commitment.VerifiedCheckpoint;
import org.probity.detector.commitment.VerifiedEnvelope;
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
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.NodeStanding;
import org.probity.detector.governance.Seating;
import org.probity.detector.governance.ValidDecision;
import org.probity.detector.log.CheckpointSigner;
import org.probity.detector.log.Entry;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.Origin;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.TreeHead;
import org.probity.detector.log.UnreadableLogException;
import org.probity.detector.node.Commit;
import org.probity.detector.node.Durable;
import org.probity.detector.node.Effect;
import org.probity.detector.node.Input;
import org.probity.detector.node.LogPosition;
import org.probity.detector.node.Node;
import org.probity.detector.node.Published;
import org.probity.detector.node.Release;
import org.probity.detector.node.Restore;
import org.probity.detector.node.SigningRefused;
import org.probity.detector.node.Step;
import org.probity.detector.node.Undelivered;
import org.probity.detector.program.Program;
import org.probity.detector.program.Transaction;
import org.probity.detector.program.TransactionOutcome;
import org.probity.detector.state.StateTree;
import org.probity.detector.trust.TrustListener;
import org.probity.detector.trust.Verdict;
import org.probity.simulation.world.Chance;
import org.probity.simulation.world.Network;
import org.probity.simulation.world.Reply;
import org.probity.simulation.world.Request;

/**
 * A node's process: the production core, and around it a shell that does in virtual time what the
 * shell of a real node does on threads. It can be stopped at any instant, and started again on what
 * its disk holds by then.
 */
public final class SimulatedNode implements TrustListener {
  private static final long RETRY_MILLIS = 1_000;

  /** Between two looks at what the members say. */
  private static final long COUNCIL_MILLIS = 1_500;

  /** What a witness says of a checkpoint that its copy does not reach. */
  static final String AHEAD = "checkpoint_ahead";

  /** In which what a log grows by comes as one part. */
  private static final long FRAME_MICROS = 100_000;

  /** A sender has so many times its own patience before its witnesses deliver for it. */
  private static final long SENDERS_TURNS = 2;

  /** Commits between two states written in the background. */
  private static final int FLUSH_COMMITS = 16;

  private final World world;
  private final String name;
  private final Machine machine;
  private final Signer logKey;
  private final Chance chance;
  private final StatementVerifier statements;
  private final CheckpointVerifier checkpoints;
  private final EvidenceVerifier verifier;
  private final ChallengeRule challengeRule;
  private final AnswerRule answerRule;
  private Behaviour behaviour;
  private Disk disk;

  // Of one run of the process.
  private Council council;
  private GovernanceState governance;
  private Seating seating;
  private DecisionsBehind behind;
  private boolean isUp;
  private boolean isPaused;
  private long generation;
  private @Nullable Node node;
  private AuditSchedule schedule;
  private Undelivered undelivered;
  private final Map<String, Ward> wards = new TreeMap<>();
  private final Map<Long, Consumer<Release>> tickets = new LinkedHashMap<>();
  private final List<Waiting> followers = new ArrayList<>();
  private final Map<String, Long> vouchedAt = new TreeMap<>();
  private final Set<String> following = new TreeSet<>();
  private Set<String> overdue = new TreeSet<>();
  private boolean isCommitting;
  private boolean isRetired;
  private long nextTicket;
  private long commits;
  private long wallSkewMillis;
  private @Nullable Long frozenWallMillis;

  /** Somebody who waits for the log to grow. */
  private record Waiting(long from, Consumer<Reply> answer) {}

  public SimulatedNode(World world, String name, Disk disk, Behaviour behaviour) {
    this.world = world;
    this.name = name;
    this.disk = disk;
    this.behaviour = behaviour;
    Founding founding = world.founding();
    Program truth = world.program();
    this.machine =
        new Machine(
            founding.genesis(),
            founding.genesis().node(name).orElseThrow(),
            behaviour.program(truth));
    this.logKey = founding.logKey(name);
    this.chance = world.chance("node " + name);
    this.council = new Council(this, founding.genesis(), disk);
    this.governance = DecisionChain.of(founding.genesis(), founding.genesis().signatures()).state();
    this.seating = Seating.of(governance);
    this.behind = newBehind();
    this.statements =
        new StatementVerifier(founding.genesis().signatures(), founding.genesis().networkId());
    this.checkpoints = new CheckpointVerifier(this::chain);
    this.verifier = new EvidenceVerifier(founding.genesis(), Map.of(truth.id(), truth));
    this.challengeRule = new ChallengeRule(founding.genesis(), truth, this::chain);
    this.answerRule = new AnswerRule(founding.genesis(), truth, this::chain);
    this.schedule = newSchedule();
    this.undelivered = newUndelivered();
  }

  private Undelivered newUndelivered() {
    return new Undelivered(
        machine.genesis(),
        name,
        machine.footprints(),
        checkpoints::stands,
        SENDERS_TURNS * world.pace().patience().unacknowledgedMillis());
  }

  private AuditSchedule newSchedule() {
    return AuditSchedule.create(
        world.pace().budget(), Hash.sha256(Bytes.utf8("secret " + name).unsafeArray()).toBytes());
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

  public Signer logKey() {
    return logKey;
  }

  public Disk disk() {
    return disk;
  }

  public boolean isUp() {
    return isUp;
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
    return new TreeMap<>(wards);
  }

  Seating seating() {
    return seating;
  }

  AuditSchedule schedule() {
    return schedule;
  }

  public EvidenceVerifier verifier() {
    return verifier;
  }

  DecisionChain chain() {
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
    wallSkewMillis = millis;
    frozenWallMillis = null;
  }

  /** This machine's clock stands still. */
  public void freezeClock() {
    frozenWallMillis = wallMillis();
  }

  private long wallMillis() {
    return frozenWallMillis != null
        ? frozenWallMillis
        : Founding.FOUNDED_MILLIS + world.timeline().nowMillis() + wallSkewMillis;
  }

  /** A new process on what the disk holds; false if it must not, or cannot, go on there. */
  public boolean start() {
    if (isUp) {
      return true;
    }
    generation++;
    Optional<Restore.Restored> restored;
    try {
      restored = restored();
    } catch (Restore.RestoreException | UnreadableLogException e) {
      refuse("its log cannot be continued: " + e.getMessage());
      return false;
    }
    long logSize = disk.log().size();
    if (disk.mark().size() > logSize) {
      // SPEC protocol.md §4.6, §11: more was signed than is here.
      refuse("its mark is at " + disk.mark().size() + ", its log at " + logSize);
      return false;
    }
    isUp = true;
    isRetired = behaviour.isWrittenByHand();
    isCommitting = false;
    isPaused = false;
    schedule = newSchedule();
    undelivered = newUndelivered();
    council = new Council(this, machine.genesis(), disk);
    behind = newBehind();
    governance =
        restored
            .map(it -> Machine.system(it.published().state()).governance(networkId()))
            .orElseGet(
                () -> DecisionChain.of(machine.genesis(), machine.genesis().signatures()).state());
    seating = Seating.of(governance);
    node =
        new Node(
            machine,
            CheckpointSigner.guarding(logKey, machine.origin(), disk.mark()),
            restored.map(Restore.Restored::end).orElseGet(() -> LogPosition.start(machine)),
            restored.map(Restore.Restored::published),
            disk.log(),
            views(),
            this,
            world.pace().patience(),
            chain());
    seating().wardsOf(name).forEach(this::take);
    // Whoever has lost a seat goes on until others have all that it has: here, for ever.
    for (Origin log : disk.wardLogs()) {
      seating().node(log.node()).ifPresent(this::take);
    }
    List.copyOf(wards.values()).forEach(Ward::open);
    world.trace().tell(name, "starts at " + logSize);
    beat("clock", world.pace().clockMillis(), this::clock);
    beat("round", world.pace().roundMillis(), this::round);
    beat("look", world.pace().lookMillis(), this::look);
    recall();
    clock();
    wards.keySet().forEach(this::follow);
    if (world.isGoverned()) {
      council.open();
      beat("council", COUNCIL_MILLIS, this::confer);
    }
    return true;
  }

  private void take(NodeRecord record) {
    if (!wards.containsKey(record.node())) {
      Machine other = new Machine(machine.genesis(), record, world.program());
      wards.put(record.node(), new Ward(this, other, disk.ward(other.origin())));
    }
  }

  private Hash networkId() {
    return machine.genesis().networkId();
  }

  private DecisionsBehind newBehind() {
    return new DecisionsBehind(
        machine.genesis().networkId(),
        world.pace().patience().unacknowledgedMillis(),
        (ward, epoch) -> world.trace().tell(name, "sees governance split at " + ward));
  }

  // Governance.

  /** One of the others is asked for what is not here, and the member that owns this node votes. */
  private void confer() {
    world.elector(name).next(council.assembly()).ifPresent(ballot -> council.say(ballot, true));
    List<String> others =
        machine.genesis().nodes().stream()
            .map(NodeRecord::node)
            .filter(node -> !node.equals(name))
            .toList();
    Request.Assembled question = council.question();
    ask(
        chance.oneOf(others),
        question,
        reply -> {
          if (reply.isPresent() && reply.get() instanceof Reply.Assembled answer) {
            council.take(question.epoch(), answer);
          }
        });
  }

  /** The core is told of a decision. */
  void decided(ValidDecision decision) {
    if (behaviour.decides()) {
      step(new Input.DecisionTaken(decision));
    }
  }

  /** What members say; whoever owns this node hands it in. */
  public void say(Bytes statement, boolean isBallot) {
    if (isUp) {
      guarded(() -> council.say(statement, isBallot));
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

  // SPEC protocol.md §7.4: only a decision in the own log changes whom a node talks to for good.
  private boolean isStopped(String other) {
    return seating.node(other).isPresent()
        && !(governance.standing(other) instanceof NodeStanding.Active);
  }

  /** Seats are state: they move when a decision is durable here. */
  private void reached(StateTree state) {
    GovernanceState now = Machine.system(state).governance(networkId());
    if (now.epoch() == governance.epoch()) {
      return;
    }
    governance = now;
    seating = Seating.of(now);
    wards.values().forEach(ward -> ward.seated(seating));
    for (NodeRecord record : seating.wardsOf(name)) {
      if (!wards.containsKey(record.node())) {
        take(record);
        world.trace().tell(name, "is a witness of " + record.node() + " from now on");
        Ward opened = wards.get(record.node());
        if (opened != null) {
          opened.open();
          follow(record.node());
        }
      }
    }
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

  private void refuse(String why) {
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
    if (isUp) {
      world.trace().tell(name, "crashes at " + disk.log().size());
      isUp = false;
      generation++;
      node = null;
      wards.clear();
      tickets.clear();
      followers.clear();
      following.clear();
      vouchedAt.clear();
      overdue = new TreeSet<>();
    }
  }

  /** Stops itself for good, until it is started anew. */
  private void stop(String why) {
    world.trace().tell(name, "stops: " + why);
    world.observer().stopped(name, why);
    crash();
  }

  /** It does nothing, and takes nothing in, until it goes on. */
  public void pause(boolean isToPause) {
    isPaused = isToPause;
  }

  /** Its operator sees to everything that is wrong with this machine. */
  public void repair() {
    disk.repair();
    skewClock(0);
    isPaused = false;
    start();
  }

  /** From now on it behaves like this; what it runs stays what it was. */
  public void behave(Behaviour other) {
    behaviour = other;
  }

  /** Runs a task later in this process, unless that has ended by then. */
  public void later(long micros, String what, Runnable task) {
    long mine = generation;
    world
        .timeline()
        .after(
            micros,
            name + " " + what,
            () -> {
              if (isUp && mine == generation) {
                if (isPaused) {
                  later(RETRY_MILLIS * 1_000, what, task);
                } else {
                  guarded(task);
                }
              }
            });
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
    followers.clear();
  }

  private void step(Input input) {
    if (isRetired) {
      return;
    }
    Step step = core().step(input);
    step.effects().forEach(this::carryOut);
    sealIfIdle();
  }

  /** From what came over the wire, later than the process may live. */
  private <T> Consumer<T> input(Consumer<T> task) {
    long mine = generation;
    return value -> {
      if (isUp && mine == generation) {
        guarded(() -> task.accept(value));
      }
    };
  }

  private void sealIfIdle() {
    if (isCommitting || isRetired || !isUp || !core().hasUnsealed()) {
      return;
    }
    Step step = core().step(new Input.Seal());
    step.effects().forEach(this::carryOut);
    step.commit()
        .ifPresent(
            commit -> {
              isCommitting = true;
              later(chance.between(500, 3_000), "commit", () -> persist(commit));
            });
  }

  private void persist(Commit commit) {
    Durable durable;
    try {
      durable = disk.commit(commit);
    } catch (IOException e) {
      stop("a commit has failed");
      return;
    }
    commit
        .growth()
        .ifPresent(
            growth -> {
              world.trace().bytes(growth.append().checkpoint().bytes());
              world.costs().logged(growth.append().entries().size());
              world.observer().logged(name, growth.append().entries());
            });
    // A crash may come between the disk's work and the news of it.
    later(chance.between(0, 200), "durable", () -> durable(commit, durable));
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
      publish(now);
      reached(now.state());
    }
    step.effects().forEach(this::carryOut);
    sealIfIdle();
  }

  private void clock() {
    step(new Input.Clock(wallMillis(), elapsedMillis()));
  }

  // Effects.

  private void carryOut(Effect effect) {
    if (effect instanceof Release release) {
      Consumer<Release> waiting = tickets.remove(release.ticket());
      if (waiting != null) {
        waiting.accept(release);
      }
    } else if (effect instanceof Effect.Transmit transmit) {
      transmit(transmit);
    } else if (effect instanceof Effect.Forward forward) {
      show(
          forward.witness(),
          forward.checkpoint(),
          () -> step(new Input.CheckpointConfirmed(forward.checkpoint(), forward.witness())));
    } else if (effect instanceof Effect.Examine examine) {
      later(0, "examine", () -> examine(examine.candidate()));
    } else if (effect instanceof Effect.Spread spread) {
      for (NodeRecord other : machine.genesis().nodes()) {
        if (!other.node().equals(name)) {
          spread(other.node(), spread.evidence());
        }
      }
    } else if (effect instanceof Effect.Raise raise) {
      later(
          0,
          "raise",
          () ->
              challengeRule
                  .check(raise.challenge().sign(machine.genesis().networkId(), logKey).encoded())
                  .valid()
                  .ifPresent(valid -> step(new Input.ChallengeRaised(valid))));
    } else if (effect instanceof Effect.DecisionRefused refused) {
      throw new IllegalStateException("a decision that the core does not log: " + refused);
    } else if (effect instanceof Effect.Put put) {
      put(put);
    } else if (effect instanceof Effect.Produced produced) {
      Ward ward = wards.get(produced.claim().checkpoint().author().node());
      if (ward != null) {
        later(0, "produced", () -> ward.produced(produced));
      }
    }
  }

  private void ask(String to, Request request, Consumer<Optional<Reply>> done) {
    boolean isOpen = !isStopped(to) || request instanceof Request.Assembled;
    if (isOpen && behaviour.sends(this, to, request)) {
      world.network().ask(name, to, request, input(done));
    } else {
      later(Network.PATIENCE_MILLIS * 1_000, "kept", () -> done.accept(Optional.empty()));
    }
  }

  private void transmit(Effect.Transmit transmit) {
    String to = transmit.to();
    ask(
        to,
        new Request.Envelope(transmit.envelope().encode()),
        reply -> step(acknowledged(to, reply)));
  }

  private Input acknowledged(String to, Optional<Reply> reply) {
    if (reply.isPresent() && reply.get() instanceof Reply.Ok ok) {
      try {
        Optional<VerifiedAck> ack = checkpoints.ack(to, Ack.decode(ok.body()));
        if (ack.isPresent()) {
          return new Input.AckArrived(ack.get());
        }
      } catch (DecodeException e) {
        return new Input.EnvelopeFailed(to, OptionalLong.empty());
      }
    }
    return reply.isPresent() && reply.get() instanceof Reply.WrongBase base
        ? new Input.EnvelopeFailed(to, OptionalLong.of(base.heldSize()))
        : new Input.EnvelopeFailed(to, OptionalLong.empty());
  }

  /** Shows a checkpoint to a witness of its log, which may be this node. */
  private void show(String witness, SignedCheckpoint checkpoint, Runnable confirmed) {
    if (witness.equals(name)) {
      later(
          0,
          "compare",
          () -> {
            if (compared(checkpoint) instanceof Reply.Ok) {
              confirmed.run();
            }
          });
      return;
    }
    ask(
        witness,
        new Request.Shown(checkpoint.bytes()),
        reply -> {
          if (reply.isPresent() && reply.get() instanceof Reply.Ok) {
            confirmed.run();
          }
        });
  }

  private void spread(String to, Evidence evidence) {
    if (!behaviour.accuses(evidence.node().orElse(""))) {
      return;
    }
    ask(
        to,
        new Request.Proof(evidence.encoded()),
        reply -> {
          if (reply.isEmpty()) {
            later(5 * RETRY_MILLIS * 1_000, "spread", () -> spread(to, evidence));
          }
        });
  }

  private void put(Effect.Put put) {
    ask(
        put.to(),
        new Request.Challenged(put.challenge().encoded()),
        reply -> step(answered(put, reply)));
  }

  private Input answered(Effect.Put put, Optional<Reply> reply) {
    if (reply.isPresent() && reply.get() instanceof Reply.Ok ok) {
      Optional<VerifiedAnswer> answer = answerRule.check(put.challenge(), ok.body()).answer();
      if (answer.isPresent()) {
        undelivered.answered(answer.get());
        if (put.challenge().claim() instanceof Claim.Decided decided) {
          behind.answered(
              put.challenge().target().node(), decided.decision().decision().epoch() + 1);
        }
        return new Input.ChallengeAnswered(answer.get());
      }
    }
    return new Input.ChallengeUnanswered(put.challenge().id(), put.to());
  }

  /** Puts bytes before the verifier; what it accepts counts here. */
  void examine(Bytes candidate) {
    Verification verification = verifier.verify(candidate);
    world.observer().examined(name, candidate, verification);
    if (verification instanceof Verification.Proven proven) {
      if (behaviour.accuses(proven.evidence().node().orElse(""))) {
        disk.keep(proven.evidence());
        step(new Input.EvidenceFound(proven.evidence()));
        if (world.isGoverned()) {
          later(0, "propose", council::settle);
        }
      }
    }
  }

  // What comes in.

  /** Something has come over the wire. */
  public void arrived(String from, Request request, Consumer<Reply> answer) {
    if (!isUp || isPaused || (isStopped(from) && !(request instanceof Request.Assembled))) {
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
              if (said != Behaviour.SILENT) {
                answer.accept(said);
              }
            });
    guarded(() -> handle(from, request, honest));
  }

  private void handle(String from, Request request, Consumer<Reply> answer) {
    if (request instanceof Request.Envelope envelope) {
      envelope(from, envelope.body(), answer);
    } else if (request instanceof Request.Shown shown) {
      try {
        answer.accept(compared(SignedCheckpoint.parse(shown.body())));
      } catch (DecodeException e) {
        answer.accept(new Reply.Refused(e.code()));
      }
    } else if (request instanceof Request.Follow follow) {
      followed(follow, answer);
    } else if (request instanceof Request.Challenged challenge) {
      challenged(challenge.body(), answer);
    } else if (request instanceof Request.Proof proof) {
      examine(proof.body());
      answer.accept(Reply.Ok.EMPTY);
    } else if (request instanceof Request.Audited audit) {
      audited(audit.body());
      answer.accept(Reply.Ok.EMPTY);
    } else if (request instanceof Request.Submit submit) {
      submit(submit.body(), answer);
    } else if (request instanceof Request.Assembled assembled) {
      answer.accept(council.answer(assembled));
    } else if (request instanceof Request.HandOver handOver) {
      answer.accept(handedOver(handOver.body()));
    }
  }

  /** A client says that the home node does not take its transaction. */
  private Reply handedOver(Bytes transaction) {
    Transaction content;
    try {
      content = Transaction.decode(statements.verify(transaction, Transaction.TYP).payload());
    } catch (DecodeException e) {
      return new Reply.Refused(e.code());
    }
    if (content.notAfterMillis() < wallMillis()) {
      return new Reply.Refused(TransactionOutcome.Status.EXPIRED.label());
    }
    Optional<NodeRecord> home = machine.genesis().node(content.node());
    if (home.isEmpty() || home.get().node().equals(name)) {
      return new Reply.Refused("unknown_target");
    }
    if (!isChallengedFor(transaction)) {
      Challenge challenge =
          new Challenge(
              Challenge.Target.of(home.get()),
              name,
              new Challenge.Client(transaction, newest(home.get()).map(SignedCheckpoint::bytes)));
      challengeRule
          .check(challenge.sign(machine.genesis().networkId(), logKey).encoded())
          .valid()
          .ifPresent(valid -> step(new Input.ChallengeRaised(valid)));
    }
    return new Reply.Held();
  }

  /** Whoever asks twice has asked once. */
  private boolean isChallengedFor(Bytes transaction) {
    return core().challenges().stream()
        .map(open -> open.challenge())
        .anyMatch(
            challenge ->
                challenge.challenger().equals(machine.self())
                    && challenge.claim() instanceof Claim.Client claim
                    && claim.transaction().statement().encoded().equals(transaction));
  }

  /** The newest checkpoint that is known of a node here. */
  private Optional<SignedCheckpoint> newest(NodeRecord other) {
    Optional<SignedCheckpoint> viewed =
        core().views().newest(machine.genesis().origin(other)).map(VerifiedCheckpoint::signed);
    Optional<SignedCheckpoint> stored =
        Optional.ofNullable(wards.get(other.node())).flatMap(ward -> ward.stored().newest());
    return Stream.of(viewed, stored)
        .flatMap(Optional::stream)
        .max(Comparator.comparingLong(SignedCheckpoint::size));
  }

  private long ticket(Consumer<Release> waiting) {
    long ticket = nextTicket++;
    tickets.put(ticket, waiting);
    return ticket;
  }

  private void envelope(String from, Bytes body, Consumer<Reply> answer) {
    Optional<VerifiedEnvelope> verified;
    try {
      verified = checkpoints.envelope(from, Envelope.decode(body));
    } catch (DecodeException e) {
      answer.accept(new Reply.Refused(e.code()));
      return;
    }
    if (verified.isEmpty()) {
      answer.accept(new Reply.Refused("checkpoint_invalid"));
      return;
    }
    long ticket =
        ticket(
            release -> {
              if (release instanceof Release.Acknowledged acknowledged) {
                answer.accept(new Reply.Ok(acknowledged.ack().encode()));
              } else if (release instanceof Release.EnvelopeRefused refused) {
                answer.accept(
                    refused.heldSize().isPresent()
                        ? new Reply.WrongBase(refused.heldSize().getAsLong())
                        : new Reply.Refused(refused.code()));
              }
            });
    step(new Input.EnvelopeArrived(verified.get(), ticket));
  }

  private Reply compared(SignedCheckpoint checkpoint) {
    Ward ward = wards.get(checkpoint.origin().node());
    if (ward == null || !ward.origin().equals(checkpoint.origin())) {
      return new Reply.Refused("not_a_ward");
    }
    if (!behaviour.compares(ward.node())) {
      return Reply.Ok.EMPTY;
    }
    Replica.Comparison comparison = ward.compare(checkpoint);
    return switch (comparison) {
      case CONSISTENT, CONFLICT -> Reply.Ok.EMPTY;
      case AHEAD -> new Reply.Refused(AHEAD);
      case REFUSED -> new Reply.Refused("checkpoint_refused");
    };
  }

  private void submit(Bytes statement, Consumer<Reply> answer) {
    TransactionRule.Outcome checked = TransactionRule.check(statement, name, statements);
    if (checked.checked().isEmpty()) {
      answer.accept(new Reply.Refused(checked.violation().orElseThrow().code()));
      return;
    }
    long ticket =
        ticket(
            release -> {
              if (release instanceof Release.Recorded recorded) {
                answer.accept(
                    new Reply.Recorded(
                        recorded.index(),
                        recorded.outcome(),
                        core().published().orElseThrow().checkpoint().bytes()));
              } else if (release instanceof Release.Refused refused) {
                answer.accept(new Reply.Refused(refused.violation().code()));
              }
            });
    step(new Input.Submitted(checked.checked().get(), ticket));
  }

  private void challenged(Bytes statement, Consumer<Reply> answer) {
    Optional<ValidChallenge> valid = challengeRule.check(statement).valid();
    if (valid.isEmpty()) {
      answer.accept(new Reply.Refused("challenge_invalid"));
      return;
    }
    Optional<VerifiedAnswer> known = fromCopy(valid.get());
    if (known.isPresent()) {
      step(new Input.ChallengeAnswered(known.get()));
      answer.accept(new Reply.Ok(known.get().encoded()));
      return;
    }
    if (valid.get().claim() instanceof Claim.Decided claim && world.isGoverned()) {
      council.told(claim.decision().encoded());
    }
    long ticket =
        ticket(
            release -> {
              if (release instanceof Release.ChallengeAnswered answered) {
                answer.accept(new Reply.Ok(answered.answer()));
              } else if (release instanceof Release.ChallengeHeld) {
                answer.accept(new Reply.Held());
              } else if (release instanceof Release.ChallengeRefused refused) {
                answer.accept(new Reply.Refused(refused.code()));
              }
            });
    step(new Input.ChallengeArrived(valid.get(), ticket));
  }

  /** Two checkpoints are linked by whoever has the entries. */
  private Optional<VerifiedAnswer> fromCopy(ValidChallenge challenge) {
    if (!(challenge.claim() instanceof Claim.Consistency claim)) {
      return Optional.empty();
    }
    Ward ward = wards.get(claim.newer().author().node());
    if (ward == null
        || !ward.origin().equals(claim.newer().origin())
        || !has(ward.stored(), claim.newer().head())
        || !has(ward.stored(), claim.older().head())) {
      return Optional.empty();
    }
    return answerRule
        .check(
            challenge,
            Answer.linking(
                MerkleProofs.consistency(
                    ward.stored(), claim.older().size(), claim.newer().size())))
        .answer();
  }

  private static boolean has(StoredEntries copy, TreeHead head) {
    return copy.size() >= head.size() && MerkleProofs.rootAt(copy, head.size()).equals(head.root());
  }

  // The own log, for its witnesses.

  private void followed(Request.Follow follow, Consumer<Reply> answer) {
    Optional<Reply> now = core().published().flatMap(end -> part(follow.from(), end));
    if (now.isPresent()) {
      answer.accept(now.get());
    } else {
      followers.add(new Waiting(follow.from(), answer));
    }
  }

  private Optional<Reply> part(long from, Published end) {
    if (from >= end.size()) {
      return Optional.empty();
    }
    return Optional.of(
        new Reply.LogPart(end.checkpoint().bytes(), disk.log().range(from, end.size())));
  }

  private void publish(Published now) {
    List<Waiting> waiting = List.copyOf(followers);
    followers.clear();
    waiting.forEach(one -> part(one.from(), now).ifPresent(one.answer()));
  }

  // Wards.

  private void follow(String ward) {
    Ward followed = wards.get(ward);
    if (followed == null || !following.add(ward)) {
      return;
    }
    long from = followed.stored().size();
    ask(
        ward,
        new Request.Follow(from, followed.origin().incarnation()),
        reply -> {
          following.remove(ward);
          if (reply.isPresent() && reply.get() instanceof Reply.LogPart part) {
            long known = followed.stored().size() - from;
            if (known <= part.entries().size()) {
              followed.grow(
                  part.checkpoint(), part.entries().subList((int) known, part.entries().size()));
            }
            boolean hasGrown = followed.stored().size() > from;
            later(hasGrown ? FRAME_MICROS : RETRY_MILLIS * 1_000, "follow", () -> follow(ward));
          } else {
            later(RETRY_MILLIS * 100, "follow", () -> follow(ward));
          }
        });
  }

  /** Checkpoints found in a ward's log are shown to a witness of theirs. */
  void overheard(Ward ward, EmbeddedRelay.Part part) {
    later(0, "overheard", () -> overhear(ward, part));
  }

  private void overhear(Ward ward, EmbeddedRelay.Part part) {
    long ticket =
        ticket(
            release -> {
              boolean isSettled =
                  release instanceof Release.Overheard overheard && overheard.isSettled();
              ward.answered(part, isSettled);
              if (!isSettled) {
                later(RETRY_MILLIS * 1_000, "overheard", ward::pump);
              }
            });
    step(new Input.Overheard(part.witness(), part.checkpoints(), ticket));
  }

  private void round() {
    for (AuditSlot slot : schedule.round()) {
      Ward ward = wards.get(slot.ward());
      if (ward == null) {
        schedule.done(slot.ward(), slot.toIndex(), true);
        continue;
      }
      boolean isClean = ward.replay(slot.toIndex());
      schedule.done(slot.ward(), slot.toIndex(), isClean);
      if (!isClean) {
        ward.book().newest().forEach(audit -> accuse(ward, audit));
      }
    }
    wards.values().forEach(this::vouch);
  }

  private void look() {
    Set<String> now = new TreeSet<>();
    for (Ward ward : wards.values()) {
      if (ward.promised().isOverdue()) {
        now.add(ward.node());
      }
      if (ward.promised().isMissed(world.pace().patience().unacknowledgedMillis())) {
        ward.promised()
            .owed()
            .flatMap(checkpoints::verify)
            .ifPresent(promised -> step(new Input.EntriesMissing(promised, ward.stored().size())));
      }
    }
    Set<String> changed = new TreeSet<>(now);
    changed.addAll(overdue);
    for (String ward : changed) {
      if (now.contains(ward) != overdue.contains(ward)) {
        step(new Input.EntriesOverdue(ward, now.contains(ward)));
      }
    }
    overdue = now;
    disk.keep(core().challenges().stream().map(one -> one.challenge().encoded()).toList());
    for (Ward ward : wards.values()) {
      behind
          .lacking(ward.node(), ward.auditedState(), chain(), elapsedMillis())
          .map(decision -> new Input.DecisionMissing(ward.node(), decision))
          .ifPresent(this::step);
      undelivered.look(ward.sender(), elapsedMillis()).forEach(this::step);
    }
  }

  // AUDITs.

  private void vouch(Ward ward) {
    long size = behaviour.vouches(ward.auditedSize(), ward.stored().size());
    long last = vouchedAt.getOrDefault(ward.node(), Long.MIN_VALUE / 2);
    Optional<VerifiedAudit> before = ward.book().by(name);
    boolean isNew = before.filter(one -> one.content().to().size() >= size).isEmpty();
    if (size == 0 || !isNew || elapsedMillis() - last < world.pace().auditMillis()) {
      return;
    }
    vouchedAt.put(ward.node(), elapsedMillis());
    TreeHead to = new TreeHead(size, MerkleProofs.rootAt(ward.stored(), size));
    Bytes statement =
        AuditStatement.fromGenesis(ward.origin(), to, machine.genesis().programId())
            .sign(machine.genesis().networkId(), logKey)
            .encoded();
    AuditRule.by(chain())
        .check(statement)
        .valid()
        .ifPresent(audit -> ward.book().take(audit, ward.stored()));
    Set<String> concerned = new TreeSet<>();
    concerned.add(ward.node());
    seating().witnessesOf(ward.node()).forEach(witness -> concerned.add(witness.node()));
    concerned.remove(name);
    concerned.forEach(to1 -> ask(to1, new Request.Audited(statement), reply -> {}));
  }

  private void audited(Bytes statement) {
    Optional<VerifiedAudit> valid = AuditRule.by(chain()).check(statement).valid();
    if (valid.isEmpty()) {
      return;
    }
    Origin log = valid.get().log();
    Ward ward = wards.get(log.node());
    if (ward != null
        && ward.origin().equals(log)
        && ward.book().take(valid.get(), ward.stored()) == AuditBook.Standing.KEPT) {
      accuse(ward, valid.get());
    }
  }

  /** An AUDIT over what was found here to be wrong is false. */
  void accuse(Ward ward, VerifiedAudit audit) {
    if (audit.auditor().node().equals(name)) {
      return;
    }
    Proof proof = ward.book().accuse(audit, ward.finding(), ward.stored(), verifier, chain());
    if (proof instanceof Proof.Proven proven) {
      examine(proven.proof().encoded());
    } else if (proof instanceof Proof.Unproven unproven) {
      throw new IllegalStateException(audit + " is false, and no proof of it: " + unproven);
    }
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
      return Entry.decode(disk.log().entry(index));
    } catch (DecodeException e) {
      throw new IllegalStateException("own entry " + index + " is damaged", e);
    }
  }
}
