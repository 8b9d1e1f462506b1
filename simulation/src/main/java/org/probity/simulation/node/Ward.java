package org.probity.simulation.node;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.probity.detector.audit.AuditBook;
import org.probity.detector.audit.ConformanceAudit;
import org.probity.detector.audit.EmbeddedRelay;
import org.probity.detector.audit.Finding;
import org.probity.detector.audit.PromisedLog;
import org.probity.detector.audit.Proof;
import org.probity.detector.audit.Replica;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.codec.Memo;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.Replay;
import org.probity.detector.evidence.EvidenceBuilder;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Seating;
import org.probity.detector.log.Entry;
import org.probity.detector.log.EntryType;
import org.probity.detector.log.Frontier;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.Origin;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.TreeHead;
import org.probity.detector.node.Effect;
import org.probity.detector.node.Undelivered;
import org.probity.detector.state.StateTree;

/**
 * One ward of a simulated node: its log is followed, stored, compared and, when it is its turn,
 * replayed. The judging is the production code's; this is what carries data to it.
 */
public final class Ward {
  private final SimulatedNode owner;
  private final Machine machine;
  private final WardFile file;
  private final StoredEntries stored;
  private final Replica replica;
  private final PromisedLog promised;
  private final AuditBook book;
  private @Nullable ConformanceAudit audit;
  private final EmbeddedRelay relay;
  private boolean isReported;
  private boolean isInDoubt;
  private boolean isOpen;
  private boolean isClosed;
  private long auditedSize;

  /** Where the members have closed it; none as long as it goes on. */
  private @Nullable TreeHead close;

  /** Of a closed log: what is stored up to the close is not what was closed. */
  private boolean isOfAnotherPast;

  /** Of a closed log: somebody has shown the other half of what is held. */
  private boolean isContradicted;

  Ward(SimulatedNode owner, Machine machine, WardFile file) {
    this.owner = owner;
    this.machine = machine;
    this.file = file;
    this.stored = file.entries();
    this.book = new AuditBook(machine.origin());
    long covered = stored.newest().map(SignedCheckpoint::size).orElse(0L);
    this.replica =
        new Replica(
            new EvidenceBuilder(
                machine.genesis().networkId(), owner.chain().enrolling(List.of(machine.origin()))),
            machine.origin(),
            machine.self().logKey(),
            machine.genesis().signatures(),
            Frontier.read(stored, stored.size()),
            covered);
    this.promised = new PromisedLog(owner::elapsedMillis, covered);
    this.relay = relay(owner, machine, file.positions());
  }

  private static EmbeddedRelay relay(
      SimulatedNode owner, Machine machine, @Nullable Bytes positions) {
    EmbeddedRelay relay = new EmbeddedRelay(machine.genesis(), machine.self(), owner.checkpoints());
    if (positions != null) {
      try {
        relay =
            EmbeddedRelay.resume(machine.genesis(), machine.self(), owner.checkpoints(), positions);
      } catch (DecodeException e) {
        throw new IllegalStateException("positions are damaged", e);
      }
    }
    relay.seated(owner.seating());
    return relay;
  }

  void seated(Seating next) {
    relay.seated(next);
    pump();
  }

  public String node() {
    return machine.self().node();
  }

  public Origin origin() {
    return machine.origin();
  }

  WardFile file() {
    return file;
  }

  /** The node in the incarnation that has written it. */
  NodeRecord record() {
    return machine.self();
  }

  public StoredEntries stored() {
    return stored;
  }

  public AuditBook book() {
    return book;
  }

  PromisedLog promised() {
    return promised;
  }

  public long auditedSize() {
    return auditedSize;
  }

  /** How far the replay has come, be it in the middle of a batch. */
  long replayedSize() {
    return Optional.ofNullable(audit).map(ConformanceAudit::nextIndex).orElse(0L);
  }

  Optional<StateTree> auditedState() {
    return Optional.ofNullable(audit).map(ConformanceAudit::auditedState);
  }

  public Optional<Finding> finding() {
    return Optional.ofNullable(audit).flatMap(ConformanceAudit::finding);
  }

  /** Where the replay goes on after a start, and what of the log is to be scheduled. */
  void open() {
    audit = opened();
    auditedSize = audit().auditedSize();
    isOpen = true;
    file.waiting().forEach(this::compare);
    owner.schedule().watch(node(), audit().nextIndex());
    enter(audit().nextIndex(), stored.range(audit().nextIndex(), stored.size()));
    pump();
  }

  private ConformanceAudit opened() {
    WardFile.Audited before = file.audited();
    return before == null
        ? new ConformanceAudit(machine)
        : ConformanceAudit.resume(machine, before.last(), before.state());
  }

  private ConformanceAudit audit() {
    ConformanceAudit current = audit;
    if (current == null) {
      throw new IllegalStateException("the ward is not open");
    }
    return current;
  }

  // SPEC protocol.md §11.3: nobody sheds what is in a log by beginning another.

  /**
   * The members have let another incarnation begin: what is stored is replayed to its end, outside
   * of all rounds, and passed on.
   */
  void close() {
    isClosed = true;
    if (!isOpen) {
      audit = opened();
      auditedSize = audit().auditedSize();
      isOpen = true;
    }
    close = closedAt().orElse(null);
    lookAtTheClose();
    file.waiting().forEach(this::compare);
    replayRest();
    pump();
  }

  boolean isGenuine(SignedCheckpoint checkpoint) {
    return replica.isGenuine(checkpoint);
  }

  boolean isClosed() {
    return isClosed;
  }

  /** Where the members have closed it, by all that is known here of what they have decided. */
  Optional<TreeHead> closedAt() {
    return owner.chain().keys().log(node()).flatMap(log -> log.close(record().incarnation()));
  }

  private void lookAtTheClose() {
    TreeHead end = close;
    isOfAnotherPast =
        end != null
            && stored.size() >= end.size()
            && !MerkleProofs.rootAt(stored, end.size()).equals(end.root());
  }

  /** Whether nothing more of it is to be looked for. */
  boolean isSettled() {
    TreeHead end = close;
    boolean isComplete = end != null && !isOfAnotherPast && replica.coveredSize() >= end.size();
    return isComplete || (isOfAnotherPast && isContradicted);
  }

  /** What its node has signed of what is held here, whole or in part. */
  List<SignedCheckpoint> halves() {
    return Stream.concat(stored.newest().stream(), promised.owed().stream()).toList();
  }

  private void replayRest() {
    if (audit().goesOn() && !replay(stored.size())) {
      book.newest().forEach(statement -> owner.witnessing().accuse(this, statement));
    }
  }

  /**
   * Nobody shows again what was taken of a closed log: what is ahead there is compared in the end,
   * whatever happens to this process.
   */
  private void keepWaiting() {
    if (isClosed()) {
      file.waiting(replica.waiting());
    }
  }

  /**
   * Somebody has this of the closed log behind what is stored here, or of the one that the next
   * incarnation has gone on with; whether it was of any use.
   */
  boolean copied(Bytes checkpointBytes, List<Bytes> entries) {
    TreeHead end = close;
    if (end == null) {
      throw new IllegalStateException(origin() + " is not closed");
    }
    SignedCheckpoint checkpoint;
    try {
      checkpoint = SignedCheckpoint.parse(checkpointBytes);
    } catch (DecodeException e) {
      return false;
    }
    boolean isOwn = checkpoint.origin().equals(origin());
    long count = end.size() - stored.size();
    if (isOwn) {
      compare(checkpoint);
    }
    if (count <= 0 || entries.size() < count) {
      return isSettled();
    }
    Optional<Replica.Produced.Continues> rest = replica.rest(end, entries.subList(0, (int) count));
    rest.ifPresent(this::complete);
    if (rest.isPresent() && isOwn) {
      compare(checkpoint);
      grow(checkpointBytes, entries.subList((int) count, entries.size()));
    }
    return rest.isPresent();
  }

  private void complete(Replica.Produced.Continues rest) {
    owner.world().trace().tell(owner.name(), "has the closed log of " + node() + " whole");
    long before = stored.size();
    stored.append(rest.entries());
    replica.kept(rest);
    lookAtTheClose();
    replica.passed(stored).ifPresent(this::cover);
    pump();
    enter(before, rest.entries());
  }

  /** The log goes on like this, says its node or whoever has a copy. */
  void grow(Bytes checkpointBytes, List<Bytes> entries) {
    SignedCheckpoint checkpoint;
    try {
      checkpoint = SignedCheckpoint.parse(checkpointBytes);
    } catch (DecodeException e) {
      return;
    }
    Replica.Growth growth = replica.grow(checkpoint, entries);
    if (!(growth instanceof Replica.Growth.Extends extension)) {
      // The data prove nothing, but their checkpoint may be the other half of a fork.
      compare(checkpoint);
      return;
    }
    long before = stored.size();
    seen(checkpoint);
    stored.append(extension.append());
    List<SignedCheckpoint> reached = replica.stored(extension);
    lookAtTheClose();
    grown(before, checkpoint, reached);
  }

  private void grown(long before, SignedCheckpoint checkpoint, List<SignedCheckpoint> reached) {
    promised.stored(checkpoint.size());
    reached.forEach(this::compare);
    keepWaiting();
    pump();
    reportAgain();
    enter(before, stored.range(before, stored.size()));
    AuditBook.Reached statements = book.grown(stored);
    statements.kept().forEach(audit -> owner.witnessing().accuse(this, audit));
    statements
        .others()
        .forEach(audit -> owner.witnessing().contradict(this, audit.auditor().node()));
  }

  private void seen(SignedCheckpoint checkpoint) {
    promised.seen(checkpoint);
  }

  /** Compares a checkpoint that somebody has shown. */
  Replica.Comparison compare(SignedCheckpoint checkpoint) {
    Replica.Judged judged = replica.judge(checkpoint, stored.newest(), stored);
    judged.candidate().ifPresent(owner::examine);
    Replica.Comparison comparison = judged.comparison();
    isContradicted |= comparison == Replica.Comparison.CONFLICT;
    if (comparison == Replica.Comparison.AHEAD) {
      keepWaiting();
    }
    if (comparison == Replica.Comparison.CONSISTENT && checkpoint.size() > replica.coveredSize()) {
      cover(checkpoint);
    }
    if (comparison != Replica.Comparison.REFUSED || replica.isGenuine(checkpoint)) {
      seen(checkpoint);
    }
    return comparison;
  }

  private void cover(SignedCheckpoint checkpoint) {
    stored.checkpoint(checkpoint);
    List<SignedCheckpoint> reached = replica.covered(checkpoint);
    promised.stored(checkpoint.size());
    reached.forEach(this::compare);
    reportAgain();
  }

  /** The ward has answered a challenge with entries. */
  void produced(Effect.Produced answer) {
    SignedCheckpoint due = answer.claim().checkpoint().signed();
    if (promised.owed().map(SignedCheckpoint::bytes).filter(due.bytes()::equals).isEmpty()) {
      return;
    }
    Replica.Produced part =
        replica.judge(
            due, answer.claim().from(), answer.entries(), answer.multiproof(), stored.newest());
    if (part instanceof Replica.Produced.Forks forks) {
      owner.examine(forks.candidate());
    } else if (part instanceof Replica.Produced.Continues next) {
      long before = stored.size();
      stored.append(next.entries());
      replica.kept(next);
      lookAtTheClose();
      if (next.after().size() == due.size()) {
        cover(due);
      } else {
        replica.passed(stored).ifPresent(this::cover);
      }
      pump();
      enter(before, next.entries());
    }
  }

  /** Tells the schedule where batches end in what has come. */
  private void enter(long first, List<Bytes> entries) {
    if (isClosed) {
      replayRest();
      return;
    }
    if (!owner.witnessing().isScheduled(this)) {
      // It was on its way when the seat was handed over; replayed if that comes back.
      return;
    }
    for (int i = 0; i < entries.size(); i++) {
      boolean isLast = i == entries.size() - 1;
      if (isLast || Entry.typeOf(entries.get(i)).equals(Optional.of(EntryType.STATE))) {
        owner.schedule().arrived(node(), first + i + 1);
      }
    }
  }

  /** Replays up to there; whether nothing was found. */
  boolean replay(long to) {
    ConformanceAudit current = audit();
    long before = current.nextIndex();
    while (current.goesOn() && current.nextIndex() < to) {
      current.feed(prepared(stored.entry(current.nextIndex())));
    }
    owner.world().costs().replayed(current.nextIndex() - before);
    auditedSize = current.auditedSize();
    current
        .undecided()
        .ifPresent(
            failed -> {
              throw new IllegalStateException(
                  "the program fails on entry " + failed.index() + " of " + node(), failed.cause());
            });
    if (current.finding().isPresent()) {
      report(current.finding().get());
      return false;
    }
    if (auditedSize > 1 && auditedSize > machine.incarnations().first()) {
      file.audited(new WardFile.Audited(entry(auditedSize - 1), current.auditedState()));
    }
    return true;
  }

  /** Once for all who replay it at about the same time. */
  private Replay.Prepared prepared(Bytes entry) {
    Memo<Replay.Prepared> known = owner.world().prepared(node());
    Replay.Prepared before = known.find(entry);
    if (before != null) {
      return before;
    }
    Replay.Prepared prepared = Replay.prepare(entry, node(), owner.statements());
    known.keep(prepared);
    return prepared;
  }

  private Entry entry(long index) {
    try {
      return Entry.decode(stored.entry(index));
    } catch (DecodeException e) {
      throw new IllegalStateException("a replayed entry is damaged", e);
    }
  }

  private void reportAgain() {
    finding().ifPresent(this::report);
  }

  private void report(Finding finding) {
    Optional<SignedCheckpoint> newest = stored.newest();
    if (isReported || newest.isEmpty()) {
      return;
    }
    Proof proof = finding.prove(newest.get(), stored, owner.verifier(), owner.chain());
    if (proof instanceof Proof.Proven proven) {
      owner.world().trace().tell(owner.name(), "finds " + node() + " out: " + finding.violation());
      isReported = true;
      owner.examine(proven.proof().encoded());
    } else if (proof instanceof Proof.Unproven unproven) {
      doubt("a finding that cannot be proven: " + finding + unproven.reasons());
    }
  }

  /** The replay and the verifier disagree: its operator is told once, and the node goes on. */
  void doubt(String what) {
    if (!isInDoubt) {
      isInDoubt = true;
      owner
          .world()
          .observer()
          .broken(owner.name(), new IllegalStateException(node() + ": " + what));
    }
  }

  /** Shows what the log says of others to their witnesses, as far as each has confirmed. */
  void pump() {
    boolean isMore = true;
    while (isMore) {
      isMore =
          relay.advance(
              EmbeddedRelay.Held.of(stored), part -> owner.witnessing().overheard(this, part));
    }
    file.positions(relay.positions());
  }

  /** A witness has been shown a part. */
  void answered(EmbeddedRelay.Part part, boolean isSettled) {
    relay.answered(part, isSettled);
    if (isSettled) {
      pump();
    }
  }

  /** The ward as whoever delivers for it sees it. */
  Undelivered.Sender sender() {
    return new Undelivered.Sender(
        node(), auditedState(), stored.newest(), finding().isPresent(), auditedSize, stored);
  }
}
