package org.probity.simulation.oracle;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.evidence.EvidenceVerifier;
import org.probity.detector.evidence.FaultKind;
import org.probity.detector.evidence.Verification;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.Incarnations;
import org.probity.detector.log.AckEntry;
import org.probity.detector.log.Entry;
import org.probity.detector.log.EntryBody;
import org.probity.detector.log.EntryType;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.Origin;
import org.probity.detector.log.ReceiveEntry;
import org.probity.detector.log.SendEntry;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.TransactionEntry;
import org.probity.detector.log.TreeHead;
import org.probity.detector.program.Program;
import org.probity.detector.trust.Verdict;
import org.probity.simulation.fault.Expectation;
import org.probity.simulation.node.Customers;
import org.probity.simulation.node.Host;
import org.probity.simulation.node.SimulatedNode;
import org.probity.simulation.node.StoredEntries;
import org.probity.simulation.node.Succession;
import org.probity.simulation.node.World;
import org.probity.simulation.oracle.Violation.Promise;
import org.probity.simulation.world.Network;

/** What must hold when all is well again and nothing moves any more. */
public final class Endings {
  /** An answer that is lost with a process that has just started, and two more. */
  private static final long WORK_MILLIS = 3 * (Network.PATIENCE_MILLIS + Customers.RETRY_MILLIS);

  /** In larger consortia only a fresh verifier looks at all proofs again: each costs signatures. */
  private static final int MOST_VERIFYING = 7;

  private final World world;
  private final Watch watch;
  private final List<SimulatedNode> correct = new ArrayList<>();

  /** The witness seats of each epoch, the founding one first. */
  private List<SeatFormula> epochs = List.of();

  /** Correct nodes that do not sign in the end, and do not wait for another incarnation either. */
  private final List<SimulatedNode> shut = new ArrayList<>();

  /** Of these, those that are not stopped in the end: who is hears of nothing but decisions. */
  private final List<SimulatedNode> present = new ArrayList<>();

  /** Nodes that are suspended or revoked in the end, by what the members have decided. */
  private final Map<String, Action> stopped = new TreeMap<>();

  /** Nodes that were readmitted. */
  private final Set<String> readmitted = new TreeSet<>();

  public Endings(World world, Watch watch) {
    this.world = world;
    this.watch = watch;
    for (Host host : world.hosts()) {
      if (!watch.isFaulty(host.name())) {
        correct.add(host.process());
      }
    }
    correct.stream()
        .map(SimulatedNode::chain)
        .max(Comparator.comparingInt(chain -> chain.decisions().size()))
        .ifPresent(chain -> chain.decisions().forEach(taken -> take(taken.decision().action())));
  }

  private void take(Action action) {
    if (action instanceof Action.SuspendNode suspended) {
      stopped.put(suspended.node(), action);
    } else if (action instanceof Action.RevokeNode revoked) {
      stopped.put(revoked.node(), action);
    } else if (action instanceof Action.ReadmitNode ended) {
      stopped.remove(ended.node());
      readmitted.add(ended.node());
    }
  }

  /** Judges the end of a simulation. */
  public void judge(Customers customers) {
    running();
    correct.stream().filter(node -> !isStopped(node.name())).forEach(present::add);
    epochs = SeatFormula.epochs(world.founding().genesis(), decided());
    new Gates(world, watch, correct, stopped.keySet()).judge();
    accuracy();
    closedLogs();
    completeness();
    dues();
    evidence();
    durability(customers);
    work(customers);
    messages();
    new Books(world, watch, correct, stopped.keySet()).judge(customers);
    new Exchanges(watch, correct, world).judge();
    new Reckoning(world, watch, customers).judge(true);
    SeatFormula.judge(world.founding().genesis(), watch, present);
    new Resolutions(world, watch, correct, present).judge();
    if (world.isGoverned() && isQuorate()) {
      new Proceedings(world, watch, present, stopped.keySet(), decided()).judge();
    }
    new Returns(world, watch, correct, stopped.keySet()).judge();
    new Tellings(watch, correct, misdeeds()).judge();
    watch.vouchers().judge(watch, present, epochs);
  }

  /** Suspended or revoked. */
  private boolean isStopped(String node) {
    return stopped.containsKey(node);
  }

  private boolean isRevoked(String node) {
    return stopped.get(node) instanceof Action.RevokeNode;
  }

  private void running() {
    Gates gates = new Gates(world, watch, correct, stopped.keySet());
    for (SimulatedNode node : correct) {
      // A revoked one does not begin again.
      if (node.isUp() || isRevoked(node.name())) {
        continue;
      }
      if (waitsRightly(node)) {
        watch.excused(Excuse.WAITS_FOR_MEMBERS);
      } else if (gates.isShutRightly(node)) {
        shut.add(node);
        watch.excused(Excuse.SHUT_OUT);
      } else {
        watch.violated(
            Promise.L,
            node.name(),
            node.isRunning() ? "signs nothing in the end" : "does not run in the end");
      }
    }
    correct.removeIf(node -> !node.isUp());
  }

  /**
   * SPEC protocol.md §11.3: who has lost what it signed waits until the members let it go on. They
   * cannot if they are too few, and must not if somebody has more of its log than anybody holds.
   * When they have, it waits no longer, unless nobody that is correct has what was closed.
   */
  private boolean waitsRightly(SimulatedNode node) {
    Optional<Succession> waiting =
        world.succession(node.name()).filter(succession -> !succession.isOver());
    if (waiting.isEmpty()) {
      return false;
    }
    Origin closing = waiting.get().closing();
    List<SimulatedNode> running =
        world.hosts().stream().map(Host::process).filter(SimulatedNode::isRunning).toList();
    Optional<TreeHead> close =
        running.stream().flatMap(other -> close(other, closing).stream()).findFirst();
    if (close.isPresent()) {
      return correct.stream()
          .noneMatch(other -> other.isUp() && other.disk().copied(closing) >= close.get().size());
    }
    long held =
        running.stream()
            .filter(other -> other.discloses(closing))
            .flatMap(other -> other.copyOf(closing).stream())
            .mapToLong(copy -> copy.newest().map(SignedCheckpoint::size).orElse(0L))
            .max()
            .orElse(0);
    boolean isBeyond =
        logs(running).anyMatch(log -> shownSize(log, waiting.get()) > held) || held == 0;
    return isBeyond || !isQuorate();
  }

  /** Where the members have closed a log, as far as a node knows. */
  private static Optional<TreeHead> close(SimulatedNode by, Origin log) {
    return by.chain().keys().log(log.node()).flatMap(writers -> writers.close(log.incarnation()));
  }

  /**
   * SPEC protocol.md §11.3: C1 rests on it: whoever has to witness a node has what it has written
   * in closed incarnations, too, if it is to be had.
   */
  private void closedLogs() {
    for (SimulatedNode witness : correct) {
      for (SimulatedNode ward : correct) {
        if (seats().witnessesOf(ward.name()).contains(witness.name())) {
          for (Incarnations.Part part : ward.machine().incarnations().parts()) {
            Origin log = world.founding().genesis().origin(part.record());
            close(ward, log).ifPresent(close -> completed(witness, ward, log, close));
          }
        }
      }
    }
  }

  /** Nobody asks a stopped node for anything, and who cheats may keep it. */
  private boolean isToBeHad(Origin log, SimulatedNode writer, TreeHead close) {
    return present.stream().anyMatch(node -> node == writer || isComplete(node, log, close));
  }

  private static boolean isComplete(SimulatedNode node, Origin log, TreeHead close) {
    return node.copyOf(log)
        .filter(copy -> copy.size() >= close.size())
        .filter(copy -> MerkleProofs.rootAt(copy, close.size()).equals(close.root()))
        .isPresent();
  }

  private void completed(SimulatedNode witness, SimulatedNode ward, Origin log, TreeHead close) {
    if (!isComplete(witness, log, close)
        && !isExcused(!isToBeHad(log, ward, close), Excuse.CLOSED_LOG_NOWHERE)) {
      watch.violated(
          Promise.C1,
          log.node(),
          witness.name()
              + " has "
              + witness.copyOf(log).map(StoredEntries::size).orElse(0L)
              + " of the "
              + close.size()
              + " entries of a closed log of it, or others");
    }
  }

  private SeatFormula seats() {
    return epochs.get(epochs.size() - 1);
  }

  /**
   * Whether the members of correct nodes are enough to decide, and there is a correct node at which
   * they can: one that runs, and that others ask for what is voted on, as nobody asks a stopped
   * one.
   */
  private boolean isQuorate() {
    return correct.stream().anyMatch(node -> node.isUp() && !isStopped(node.name()))
        && Voters.after(world.founding().genesis(), decided())
            .areEnough(
                correct.stream()
                    .map(node -> node.machine().self().member())
                    .filter(member -> !watch.isFaultyMember(member))
                    .collect(Collectors.toSet()));
  }

  /** By whoever has logged most. */
  private List<Action> decided() {
    return correct.stream()
        .map(node -> Decided.by(node).actions())
        .max(Comparator.comparingInt(List::size))
        .orElseGet(List::of);
  }

  /** What these nodes can show: their own logs, and what they have of others', closed ones too. */
  private Stream<StoredEntries> logs(List<SimulatedNode> running) {
    return running.stream()
        .flatMap(
            node ->
                Stream.concat(
                    Stream.of(node.disk().log()),
                    world.hosts().stream()
                        .flatMap(host -> host.process().machine().incarnations().parts().stream())
                        .map(part -> world.founding().genesis().origin(part.record()))
                        .flatMap(log -> node.copyOf(log).stream())));
  }

  /**
   * The largest checkpoint of the log of somebody who waits that stands in another one, which may
   * hold anything.
   */
  private static long shownSize(StoredEntries by, Succession waiting) {
    return LongStream.range(0, by.size())
        .mapToObj(index -> embedded(by.original(index)))
        .flatMap(Optional::stream)
        .filter(waiting::isGenuine)
        .mapToLong(SignedCheckpoint::size)
        .max()
        .orElse(0);
  }

  private static Optional<SignedCheckpoint> embedded(Bytes entry) {
    try {
      EntryBody body = Entry.decode(entry).body();
      if (body instanceof ReceiveEntry receive) {
        return Optional.of(SignedCheckpoint.parse(receive.checkpoint()));
      }
      return body instanceof AckEntry ack
          ? Optional.of(SignedCheckpoint.parse(ack.checkpoint()))
          : Optional.empty();
    } catch (DecodeException e) {
      return Optional.empty();
    }
  }

  private static SignedCheckpoint parsed(Bytes checkpoint) {
    try {
      return SignedCheckpoint.parse(checkpoint);
    } catch (DecodeException e) {
      throw new IllegalStateException("a logged checkpoint is malformed", e);
    }
  }

  /** A2. Who is stopped and has not heard of it does not know why nobody answers. */
  private void accuracy() {
    for (SimulatedNode by : correct) {
      boolean isUnaware =
          isStopped(by.name()) && !by.chain().state().stopped().containsKey(by.name());
      for (SimulatedNode about : correct) {
        if (by != about && !isUnaware && by.verdict(about.name()) != Verdict.TRUSTED) {
          watch.violated(
              Promise.A2,
              about.name(),
              by.name() + " holds it for " + by.verdict(about.name()) + " although all is well");
        }
      }
    }
  }

  private Misdeeds misdeeds() {
    return new Misdeeds(
        watch,
        correct,
        node ->
            world.host(node).processes().stream().map(process -> process.disk().log()).toList());
  }

  /** C1: whoever has a correct witness is found out by everybody. */
  private void completeness() {
    Misdeeds misdeeds = misdeeds();
    watch
        .provenKinds()
        .forEach((node, kinds) -> kinds.forEach(kind -> unproven(node, kind, misdeeds)));
    for (Watch.Committed fault : watch.committed()) {
      if (fault.expectation() == Expectation.UNPROVABLE
          || fault.expectation() == Expectation.NOTHING) {
        continue;
      }
      boolean isHidden = misdeeds.isHidden(fault);
      if (isOverlooked(fault, misdeeds, isHidden)) {
        continue;
      }
      for (SimulatedNode by : present) {
        Verdict verdict = by.verdict(fault.node());
        if (!isEnough(by, fault, isHidden)) {
          watch.violated(
              Promise.C1,
              fault.node(),
              by.name() + " holds it for " + verdict + " after " + fault.incident().kind());
        } else {
          isExcused(isHidden && !isEnough(by, fault, false), Excuse.HIDDEN);
          lateness(by, fault, misdeeds);
          heldLateness(by, fault, misdeeds);
        }
      }
    }
  }

  /** Whether nobody has to find it out; that counts if somebody has not. */
  private boolean isOverlooked(Watch.Committed fault, Misdeeds misdeeds, boolean isHidden) {
    Optional<Excuse> excuse = excuse(fault, misdeeds);
    excuse
        .filter(why -> present.stream().anyMatch(by -> !isEnough(by, fault, isHidden)))
        .ifPresent(watch::excused);
    return excuse.isPresent();
  }

  private Optional<Excuse> excuse(Watch.Committed fault, Misdeeds misdeeds) {
    if (correctWitnesses(fault.node()).isEmpty()) {
      return Optional.of(Excuse.NO_CORRECT_WITNESS);
    }
    if (isUnseen(fault, misdeeds)) {
      return Optional.of(Excuse.UNSEEN);
    }
    return isBehindStop(fault, misdeeds) ? Optional.of(Excuse.BEHIND_STOP) : Optional.empty();
  }

  /** Notes an excuse if there is one. */
  private boolean isExcused(boolean holds, Excuse why) {
    if (holds) {
      watch.excused(why);
    }
    return holds;
  }

  /**
   * SPEC protocol.md §11.1: whoever could see it is behind a gate that is shut for good. It asks
   * nobody for anything, looks into no log, and shows its own to nobody: what can be told from that
   * one alone those see who have it so far.
   */
  private boolean isUnseen(Watch.Committed fault, Misdeeds misdeeds) {
    Predicate<String> isThere = node -> isCorrect(node) && world.host(node).process().isUp();
    String whose = fault.towards().orElse(fault.node());
    boolean isShown = fault.towards().isEmpty() || isThere.test(whose);
    return fault.towards().filter(isThere).isEmpty()
        && everWitnesses(whose).stream()
            .filter(isThere)
            .noneMatch(eye -> isShown || misdeeds.isReadBy(eye, fault));
  }

  private Set<String> everWitnesses(String node) {
    Set<String> witnesses = new TreeSet<>();
    epochs.forEach(seats -> witnesses.addAll(seats.witnessesOf(node)));
    return witnesses;
  }

  /** A1 of the faulty: what they have not done nobody can prove either. */
  private void unproven(String node, FaultKind kind, Misdeeds misdeeds) {
    if (watch.isFaulty(node) && !misdeeds.isProvable(node, kind)) {
      watch.violated(
          Promise.A1,
          node,
          "a proof of " + kind + " names it, and it has done nothing of the kind");
    }
  }

  /**
   * SPEC protocol.md §1: only what is observable can be found out. Nobody takes anything from a
   * node, or asks it for anything but decisions, once its own log has stopped that node: what it
   * did then, or so shortly before that nobody had to have found it out, and what no correct node
   * holds. What one of them holds it has to find out all the same.
   */
  private boolean isBehindStop(Watch.Committed fault, Misdeeds misdeeds) {
    long end = fault.sinceMicros() + boundMicros(fault);
    return !misdeeds.isHeld(fault)
        && correct.stream()
            .allMatch(
                by ->
                    watch
                        .stoppedAt(by.name(), fault.node())
                        .filter(since -> since <= end)
                        .isPresent());
  }

  private long boundMicros(Watch.Committed fault) {
    return Bound.rounds(world.pace(), correctWitnesses(fault.node()))
        * world.pace().roundMillis()
        * 1_000;
  }

  private static boolean isEnough(SimulatedNode by, Watch.Committed fault, boolean isHidden) {
    boolean isExposed = by.verdict(fault.node()) == Verdict.EXPOSED;
    // Whom its own log has stopped it asks nothing any more that could stay unanswered.
    boolean isSuspected =
        by.verdict(fault.node()) == Verdict.SUSPECTED || by.isStopped(fault.node());
    return switch (fault.expectation()) {
      case EXPOSED -> isExposed || (isSuspected && isHidden);
      // Who is exposed for something else is not suspected besides.
      case EXPOSED_OR_SUSPECTED, SUSPECTED -> isExposed || isSuspected;
      case UNPROVABLE, NOTHING -> true;
    };
  }

  /**
   * C1 in time: from the fault, or from when all was well if that was later, or from when whoever
   * looks, or the culprit itself, or the first of its correct witnesses, began another incarnation,
   * or was let through its gate: who waits shows its log to nobody, and looks into none. What the
   * culprit kept back counts from when a correct witness had it all the same, and must have
   * replayed it. Who was suspected in time, and is not since those who had asked are stopped
   * themselves, has to be asked again from then on.
   */
  private void lateness(SimulatedNode by, Watch.Committed fault, Misdeeds misdeeds) {
    boolean isHidden = misdeeds.isHidden(fault);
    Optional<Long> exposed = watch.exposedAt(by.name(), fault.node());
    Optional<Long> suspected =
        fault.expectation() == Expectation.EXPOSED && !isHidden
            ? Optional.empty()
            : watch.suspectedSince(by.name(), fault.node());
    long roundMicros = world.pace().roundMillis() * 1_000;
    long boundMicros = boundMicros(fault);
    long from =
        LongStream.of(
                fault.atMicros(),
                watch.healedMicros(),
                watch.thereMicros(by.name()),
                watch.thereMicros(fault.node()),
                watchedMicros(fault.node()),
                misdeeds.isKeptBack(fault)
                    ? watch.replayDue(fault.incident()).map(Watch.ReplayDue::atMicros).orElse(0L)
                    : 0)
            .max()
            .orElseThrow();
    long since =
        fault.expectation() == Expectation.EXPOSED
            ? from
            : askedAgainMicros(by, fault, from, boundMicros);
    Stream.concat(exposed.stream(), suspected.stream())
        .min(Long::compare)
        .filter(at -> at - from > boundMicros)
        .filter(at -> !isExcused(at - since <= boundMicros, Excuse.ASKED_AGAIN))
        .ifPresent(
            at ->
                watch.violated(
                    Promise.C1,
                    fault.node(),
                    by.name()
                        + " finds it out after "
                        + (at - since) / roundMicros
                        + " rounds instead of "
                        + boundMicros / roundMicros
                        + " after "
                        + fault.incident().kind()));
  }

  /**
   * Since when it has to be asked by somebody else: it was suspected in time, and that was taken
   * back because whoever had asked it was stopped.
   */
  private long askedAgainMicros(
      SimulatedNode by, Watch.Committed fault, long fromMicros, long boundMicros) {
    long since = fromMicros;
    for (Watch.TakenBack before : watch.takenBack(by.name(), fault.node())) {
      boolean isInTime =
          before.sinceMicros() >= fault.atMicros() && before.sinceMicros() - since <= boundMicros;
      since = isInTime ? Math.max(since, before.atMicros()) : since;
    }
    return since;
  }

  /**
   * C1 in time, where nobody's patience matters: a correct witness has the entries that prove it,
   * and its replay comes to them in its rounds. What is left is to tell everybody.
   */
  private void heldLateness(SimulatedNode by, Watch.Committed fault, Misdeeds misdeeds) {
    Optional<Watch.ReplayDue> replay =
        watch
            .replayDue(fault.incident())
            .filter(due -> misdeeds.isHeldBy(due.by(), fault))
            .filter(due -> fault.expectation() == Expectation.EXPOSED);
    Optional<Long> exposed = watch.exposedAt(by.name(), fault.node());
    if (replay.isEmpty() || exposed.isEmpty()) {
      return;
    }
    long from =
        LongStream.of(
                replay.get().atMicros(),
                watch.healedMicros(),
                watch.thereMicros(by.name()),
                watch.thereMicros(replay.get().by()))
            .max()
            .orElseThrow();
    if (exposed.get() - from > Bound.tellingMillis(world.pace()) * 1_000) {
      watch.violated(
          Promise.C1,
          fault.node(),
          by.name()
              + " finds it out "
              + (exposed.get() - from) / 1_000
              + " ms after "
              + replay.get().by()
              + " must have replayed it, after "
              + fault.incident().kind());
    }
  }

  /** Since when one of its correct witnesses is there. */
  private long watchedMicros(String node) {
    return correctWitnesses(node).stream()
        .mapToLong(witness -> watch.thereMicros(witness.name()))
        .min()
        .orElse(0);
  }

  /** Those of the beginning; nobody if it has had none that are correct at some time since. */
  private List<SimulatedNode> correctWitnesses(String node) {
    boolean isAlwaysWatched =
        epochs.stream()
            .allMatch(seats -> seats.witnessesOf(node).stream().anyMatch(this::isCorrect));
    return isAlwaysWatched
        ? epochs.get(0).witnessesOf(node).stream()
            .filter(this::isCorrect)
            .map(witness -> world.host(witness).process())
            .toList()
        : List.of();
  }

  private boolean isCorrect(String node) {
    return correct.contains(world.host(node).process());
  }

  /** What incidents say must be so in the end. */
  private void dues() {
    for (Watch.Due due : watch.dues()) {
      if (!due.isMet().test(present)) {
        watch.violated(Promise.C1, due.node(), due.what() + " after " + due.incident().kind());
      }
    }
  }

  /**
   * C2: by a verifier that has seen nothing but the genesis document; and, as a proof is verified
   * once for all while a simulation runs, by those of the nodes, whatever each has verified before.
   */
  private void evidence() {
    Genesis genesis = world.founding().genesis();
    Program program = world.program();
    EvidenceVerifier fresh = new EvidenceVerifier(genesis, Map.of(program.id(), program));
    watch
        .proofs()
        .forEach((bytes, accused) -> provenBy(fresh, bytes, accused, "a proof does not verify"));
    if (world.hosts().size() <= MOST_VERIFYING) {
      for (SimulatedNode node : present) {
        watch
            .proofs()
            .forEach(
                (bytes, accused) ->
                    provenBy(
                        node.verifier(),
                        bytes,
                        accused,
                        "a proof does not verify at " + node.name()));
      }
    }
  }

  private void provenBy(EvidenceVerifier verifier, Bytes bytes, String accused, String otherwise) {
    Verification again = verifier.verify(Bytes.of(bytes.toArray()));
    if (!(again instanceof Verification.Proven proven)
        || !proven.evidence().accused().equals(accused)) {
      watch.violated(Promise.C2, accused, otherwise + " again: " + again);
    }
  }

  /** D, and that correct nodes take what their customers send in the end. */
  private void durability(Customers customers) {
    for (SimulatedNode node : correct) {
      // SPEC protocol.md §4.6: never retry: what follows a commit that failed may stand on nothing.
      if (node.disk().commitsOnDoubt() > 0) {
        watch.violated(Promise.D, node.name(), "goes on on a disk on which a commit has failed");
      }
    }
    for (Customers.Sent one : customers.sent()) {
      shut.stream()
          .filter(node -> node.name().equals(one.home()) && one.isAcknowledged())
          .forEach(node -> kept(node, one));
      Optional<SimulatedNode> home =
          correct.stream().filter(node -> node.name().equals(one.home())).findFirst();
      if (home.isEmpty()) {
        continue;
      }
      if (!one.isAcknowledged()) {
        unrecorded(one);
      } else if (!isIn(home.get().disk().log(), one)
          && !isExcused(
              watch.isLost(parsed(one.receipt()).origin(), one.index()), Excuse.BEHIND_CLOSE)) {
        watch.violated(
            Promise.D, one.home(), "entry " + one.index() + " is not what was acknowledged");
      }
    }
  }

  /** D of a node whose gate is shut: what it has acknowledged it has, or those who watch it. */
  private void kept(SimulatedNode home, Customers.Sent one) {
    Origin log = parsed(one.receipt()).origin();
    boolean isThere =
        Stream.concat(
                Stream.of(home.disk().log()).filter(own -> home.machine().origin().equals(log)),
                correct.stream().flatMap(node -> node.copyOf(log).stream()))
            .anyMatch(copy -> isIn(copy, one));
    if (!isThere
        && !isExcused(watch.isLost(log, one.index()), Excuse.BEHIND_CLOSE)
        && !isExcused(!watch.isLasting(home.name()), Excuse.NOT_ON_OLD_COPY)) {
      watch.violated(
          Promise.D, one.home(), "entry " + one.index() + " was acknowledged and is nowhere");
    }
  }

  private static boolean isIn(StoredEntries copy, Customers.Sent one) {
    return one.index() < copy.size()
        && decoded(copy.original(one.index())).body() instanceof TransactionEntry transaction
        && transaction.statement().equals(one.statement());
  }

  private void unrecorded(Customers.Sent one) {
    boolean isLate =
        one.isExpired() && watch.mayHaveShown(one.home(), Recount.deadlineMillis(one.statement()));
    if (!isExcused(isLate, Excuse.EXPIRED)
        && !isExcused(isStopped(one.home()), Excuse.STOPPED_HOME)) {
      watch.violated(Promise.L, one.home(), "a transaction is never recorded");
    }
  }

  /**
   * L: when all is well, new work is done at once, and not when somebody looks the next time. That
   * it arrives is M: in the end nothing is on the way.
   */
  private void work(Customers customers) {
    for (Customers.Sent one : customers.around()) {
      correct.stream()
          .filter(node -> node.name().equals(one.home()))
          .filter(node -> one.isAcknowledged() && one.tookMillis() > WORK_MILLIS)
          .filter(node -> !isExcused(isEarly(one), Excuse.SENT_BEFORE_ALL_WAS_WELL))
          .filter(
              node ->
                  !isExcused(watch.begunMicros(node.name()) != 0, Excuse.SENT_TO_WHO_BEGAN_AGAIN))
          .forEach(
              node ->
                  watch.violated(
                      Promise.L,
                      node.name(),
                      "takes " + one.tookMillis() + " ms for a payment although all is well"));
    }
  }

  /** Somebody's operator came later, or its gate was open later: that it is, is judged above. */
  private boolean isEarly(Customers.Sent one) {
    long sentMicros = one.sentMillis() * 1_000;
    return sentMicros < watch.healedMicros() || sentMicros < watch.openedMicros(one.home());
  }

  /** M, between every two nodes that are correct, or were forgiven the one thing they have done. */
  private void messages() {
    List<SimulatedNode> heard = new ArrayList<>(correct);
    world.hosts().stream()
        .map(Host::process)
        .filter(node -> node.isUp() && watch.isPenitent(node.name()))
        .filter(node -> readmitted.contains(node.name()))
        .filter(node -> !isStoppedAgain(node.name()))
        .forEach(heard::add);
    List<Traffic> all = heard.stream().map(Traffic::of).toList();
    for (Traffic from : all) {
      for (Traffic to : all) {
        if (from.node() != to.node()) {
          exchange(from, to);
        }
      }
    }
  }

  /**
   * What one log says of messages.
   *
   * @param sent payloads by receiver
   * @param acks by receiver
   * @param received SENDs to this node, of whoever
   */
  private record Traffic(
      SimulatedNode node,
      Map<String, List<Bytes>> sent,
      Map<String, Integer> acks,
      List<Entry> received) {

    static Traffic of(SimulatedNode node) {
      Traffic traffic = new Traffic(node, new TreeMap<>(), new TreeMap<>(), new ArrayList<>());
      node.entries(EntryType.SEND).forEach(entry -> traffic.sends((SendEntry) entry.body()));
      node.entries(EntryType.ACK).forEach(entry -> traffic.hears((AckEntry) entry.body()));
      node.entries(EntryType.RECEIVE).forEach(entry -> traffic.takes((ReceiveEntry) entry.body()));
      return traffic;
    }

    private void sends(SendEntry send) {
      sent.computeIfAbsent(send.toNode(), none -> new ArrayList<>()).add(send.payload());
    }

    private void hears(AckEntry ack) {
      acks.merge(parsed(ack.checkpoint()).origin().node(), 1, Integer::sum);
    }

    private void takes(ReceiveEntry receive) {
      receive.sends().stream()
          .map(Endings::decoded)
          .filter(entry -> ((SendEntry) entry.body()).toNode().equals(node.name()))
          .forEach(received::add);
    }

    /** Payloads of what it has got of another node. */
    private List<Bytes> receivedFrom(SimulatedNode from) {
      return received.stream()
          .filter(entry -> isOf(entry, from))
          .map(entry -> ((SendEntry) entry.body()).payload())
          .toList();
    }
  }

  /** L: what was forgiven is settled. */
  private boolean isStoppedAgain(String forgiven) {
    if (isStopped(forgiven)) {
      watch.violated(Promise.L, forgiven, "is stopped again after its readmission");
    }
    return isStopped(forgiven);
  }

  private void exchange(Traffic sender, Traffic receiver) {
    SimulatedNode from = sender.node();
    SimulatedNode to = receiver.node();
    List<Bytes> sent = sender.sent().getOrDefault(to.name(), List.of());
    List<Bytes> received = receiver.receivedFrom(from);
    int acks = sender.acks().getOrDefault(to.name(), 0);
    boolean isCutOff = isStopped(from.name()) || isStopped(to.name());
    boolean isAllTaken =
        isCutOff
            ? received.size() <= sent.size() && sent.subList(0, received.size()).equals(received)
            : sent.equals(received);
    if (!isAllTaken) {
      watch.violated(
          Promise.M,
          to.name(),
          "of "
              + sent.size()
              + " messages of "
              + from.name()
              + " it has taken in "
              + received.size()
              + (received.size() == sent.size() ? ", but others" : ""));
    }
    if (!sent.isEmpty() && acks == 0 && !isCutOff) {
      watch.violated(
          Promise.L, from.name(), "nothing it has sent to " + to.name() + " is acknowledged");
    }
  }

  private static Entry decoded(Bytes entry) {
    try {
      return Entry.decode(entry);
    } catch (DecodeException e) {
      throw new IllegalStateException("a logged message is malformed", e);
    }
  }

  /** Whether an entry is in the log of a node. */
  private static boolean isOf(Entry entry, SimulatedNode node) {
    return entry.index() < node.disk().log().size()
        && node.disk().log().entry(entry.index()).equals(entry.bytes());
  }
}
