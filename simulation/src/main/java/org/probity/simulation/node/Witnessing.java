package org.probity.simulation.node;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.probity.detector.audit.AuditBook;
import org.probity.detector.audit.AuditSchedule;
import org.probity.detector.audit.AuditSlot;
import org.probity.detector.audit.DecisionsBehind;
import org.probity.detector.audit.EmbeddedRelay;
import org.probity.detector.audit.Priority;
import org.probity.detector.audit.Proof;
import org.probity.detector.audit.Replica;
import org.probity.detector.challenge.Claim;
import org.probity.detector.challenge.ValidChallenge;
import org.probity.detector.challenge.VerifiedAnswer;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.AuditRule;
import org.probity.detector.commitment.AuditStatement;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.VerifiedAudit;
import org.probity.detector.crypto.Hash;
import org.probity.detector.governance.Incarnations;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Seating;
import org.probity.detector.log.MerkleProofs;
import org.probity.detector.log.Origin;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.TreeHead;
import org.probity.detector.node.Input;
import org.probity.detector.node.Release;
import org.probity.detector.node.Undelivered;
import org.probity.simulation.world.Chance;
import org.probity.simulation.world.Reply;
import org.probity.simulation.world.Request;

/** A node as a witness: the logs of its wards, their rounds, and what is signed about them. */
final class Witnessing {
  private static final long RETRY_MILLIS = 1_000;

  /** In which what a log grows by comes as one part. */
  private static final long FRAME_MICROS = 100_000;

  /** A sender has so many times its own patience before its witnesses deliver for it. */
  private static final long SENDERS_TURNS = 2;

  /** The answer to an AUDIT of another past than is held here. */
  private static final Reply OTHER_PAST = new Reply.Refused("audit_of_other_log");

  private final SimulatedNode owner;
  private final String name;
  private final World world;
  private final Machine machine;
  private final AuditSchedule schedule;
  private final Chance opinions;
  private final Undelivered undelivered;
  private final DecisionsBehind behind;
  private final Map<String, Ward> wards = new TreeMap<>();

  /** Logs whose seats are handed over: they are served, and nothing more. */
  private final Map<String, Ward> rested = new TreeMap<>();

  /** Seats that have moved and are not handed over yet. */
  private final Map<String, Outgoing> outgoing = new TreeMap<>();

  /** Logs of incarnations that are no more. */
  private final Map<Origin, Ward> closed =
      new TreeMap<>(Comparator.comparing(Origin::node).thenComparingLong(Origin::incarnation));

  private final Map<String, Long> vouchedAt = new TreeMap<>();
  private final Set<String> following = new TreeSet<>();
  private Set<String> overdue = new TreeSet<>();
  private long copiesAsked;

  /** Of one run of a process. */
  Witnessing(SimulatedNode owner) {
    this.owner = owner;
    this.name = owner.name();
    this.world = owner.world();
    this.machine = owner.machine();
    this.opinions = owner.world().chance("opinions " + owner.name());
    this.schedule = newSchedule();
    this.undelivered = newUndelivered();
    this.behind = newBehind();
  }

  AuditSchedule schedule() {
    return schedule;
  }

  /** A seat that waits to be handed over. */
  private static final class Outgoing {
    private final long size;
    private long looks;

    Outgoing(long size) {
      this.size = size;
    }

    /** After one look, two, four, eight: soon at first, and then less and less often. */
    boolean isTimeToRemind() {
      looks++;
      return Long.bitCount(looks) == 1;
    }
  }

  /** Of nodes in their present incarnations. */
  Map<String, Ward> wards() {
    Map<String, Ward> all = new TreeMap<>(rested);
    all.putAll(wards);
    return all;
  }

  Optional<Ward> ward(String node) {
    return Optional.ofNullable(wards.get(node));
  }

  /** What is kept of a log, also if its seat is handed over. */
  Optional<Ward> kept(Origin log) {
    return of(log)
        .or(
            () ->
                Optional.ofNullable(rested.get(log.node()))
                    .filter(ward -> ward.origin().equals(log)));
  }

  /** Whether its log is replayed in rounds. */
  boolean isScheduled(Ward ward) {
    return ward.equals(wards.get(ward.node()));
  }

  /** Everything that {@link #kept} finds. */
  Collection<Ward> allKept() {
    Map<Origin, Ward> all = new LinkedHashMap<>();
    for (Map<?, Ward> some : List.of(wards, closed, rested)) {
      some.values().forEach(ward -> all.putIfAbsent(ward.origin(), ward));
    }
    return all.values();
  }

  /** What a checkpoint of this log is compared with: one that is followed, or closed. */
  Optional<Ward> of(Origin log) {
    return ward(log.node())
        .filter(ward -> ward.origin().equals(log))
        .or(() -> Optional.ofNullable(closed.get(log)));
  }

  /** Takes the seats that are held, and goes on with what is kept of others. */
  void open() {
    world.observer().witnessing(name);
    owner.seating().wardsOf(name).forEach(this::take);
    owner.seating().wardsOf(name).forEach(this::takeClosed);
    // SPEC protocol.md §6.1: whoever has lost a seat serves until others have all that it has.
    for (Origin log : owner.disk().wardLogs()) {
      owner.seating().node(log.node()).ifPresent(node -> reopen(log, node));
    }
    List.copyOf(wards.values()).forEach(Ward::open);
  }

  private void reopen(Origin log, NodeRecord present) {
    boolean isSeat = owner.seating().isWitness(name, log.node());
    if (log.incarnation() == present.incarnation() && isSeat) {
      owner.disk().ward(log).moved(-1, false);
    } else if (log.incarnation() == present.incarnation()) {
      WardFile file = owner.disk().ward(log);
      if (file.isHandedOver()) {
        rested.put(log.node(), ward(log));
      } else {
        take(present);
        outgoing.put(
            log.node(),
            new Outgoing(file.handOverSize() >= 0 ? file.handOverSize() : file.entries().size()));
      }
    } else if (log.incarnation() < present.incarnation()) {
      closed.computeIfAbsent(log, none -> ward(log));
    }
  }

  /** Asks for all logs. */
  void follow() {
    wards.keySet().forEach(this::follow);
    List.copyOf(closed.values()).forEach(this::goOnClosed);
  }

  /** The seats are these from now on. */
  void seated(Seating next) {
    next.nodes().forEach(this::begin);
    List.copyOf(wards.values()).forEach(ward -> move(ward, next));
    wards.values().forEach(ward -> ward.seated(next));
    rested.values().forEach(ward -> ward.seated(next));
    closed.values().forEach(ward -> ward.seated(next));
    for (NodeRecord record : next.wardsOf(name)) {
      if (!wards.containsKey(record.node())) {
        Ward rests = rested.remove(record.node());
        if (rests != null) {
          rests.file().moved(-1, false);
          wards.put(record.node(), rests);
        }
        take(record);
        world.trace().tell(name, "is a witness of " + record.node() + " from now on");
        ward(record.node()).ifPresent(Ward::open);
        follow(record.node());
      }
      takeClosed(record).forEach(this::goOnClosed);
    }
  }

  /** One that is lost is kept until it is handed over. */
  private void move(Ward ward, Seating next) {
    if (next.isWitness(name, ward.node())) {
      outgoing.remove(ward.node());
      ward.file().moved(-1, false);
    } else if (!outgoing.containsKey(ward.node())) {
      outgoing.put(ward.node(), new Outgoing(ward.stored().size()));
      ward.file().moved(ward.stored().size(), false);
    }
  }

  /**
   * SPEC protocol.md §6.1: a former witness serves until f + 1 incoming ones have signed for all
   * that was held here when the seat moved.
   */
  private void handOver() {
    for (Map.Entry<String, Outgoing> lost : new TreeMap<>(outgoing).entrySet()) {
      Ward ward = wards.get(lost.getKey());
      if (ward == null) {
        outgoing.remove(lost.getKey());
        continue;
      }
      long confirmed =
          owner.seating().witnessesOf(ward.node()).stream()
              .flatMap(
                  witness ->
                      ward.book().by(witness.node()).stream()
                          .filter(audit -> audit.auditor().equals(witness)))
              .filter(audit -> audit.content().to().size() >= lost.getValue().size)
              .count();
      if (confirmed > owner.seating().faults()) {
        rest(ward, lost.getValue().size);
      } else if (lost.getValue().isTimeToRemind()) {
        ward.book().by(name).ifPresent(own -> offer(ward, own.encoded()));
      }
    }
  }

  private void rest(Ward ward, long size) {
    world.trace().tell(name, "hands over " + ward.node());
    outgoing.remove(ward.node());
    wards.remove(ward.node());
    following.remove(ward.node());
    schedule.forget(ward.node());
    rested.put(ward.node(), ward);
    ward.file().moved(size, true);
  }

  /**
   * SPEC protocol.md §6.1: whoever holds a seat is shown what is left over of the closed logs, too,
   * and can compare it; so it completes a copy of them.
   */
  private List<Ward> takeClosed(NodeRecord present) {
    List<Ward> taken = new ArrayList<>();
    for (Incarnations.Part part : owner.chain().keys().log(present.node()).orElseThrow().parts()) {
      Origin log = machine.genesis().origin(part.record());
      if (part.record().incarnation() < present.incarnation() && !closed.containsKey(log)) {
        Ward ward = ward(log);
        closed.put(log, ward);
        taken.add(ward);
      }
    }
    return taken;
  }

  /**
   * SPEC protocol.md §11.3: the members have let another incarnation begin. Its log is another one,
   * read from the first entry on.
   */
  private void begin(NodeRecord present) {
    Ward former = wards.getOrDefault(present.node(), rested.get(present.node()));
    if (former != null && !former.record().equals(present)) {
      wards.remove(present.node());
      rested.remove(present.node());
      outgoing.remove(present.node());
      closed.put(former.origin(), former);
      following.remove(present.node());
      vouchedAt.remove(present.node());
      schedule.forget(present.node());
      behind.forget(present.node());
      undelivered.forget(present.node());
      world
          .trace()
          .tell(
              name,
              "keeps what it has of " + former.origin().incarnation() + " of " + present.node());
      goOnClosed(former);
    }
  }

  // What is closed.

  /** The first pause between two rounds of asking, and the longest. */
  private static final long FIRST_PAUSE_MILLIS = 500;

  private static final long LAST_PAUSE_MILLIS = 30_000;

  /** Where the entries of a log may be had without its node. */
  private record Copy(String holder, Origin log) {}

  private void goOnClosed(Ward ward) {
    ward.close();
    seek(ward, 0, FIRST_PAUSE_MILLIS);
  }

  /** Asks one after the other for what is missing, and shows them what it has instead. */
  private void seek(Ward ward, int asked, long pauseMillis) {
    if (ward.isSettled()) {
      return;
    }
    List<Copy> copies = copies(ward);
    Copy copy = copies.get(asked % copies.size());
    owner
        .outbox()
        .ask(
            copy.holder(),
            new Request.Copy(copy.log(), ward.stored().size()),
            reply -> {
              boolean isOfUse =
                  reply.isPresent()
                      && reply.get() instanceof Reply.LogPart part
                      && ward.copied(part.checkpoint(), part.entries());
              if (!isOfUse && reply.isPresent()) {
                ward.halves()
                    .forEach(
                        half ->
                            owner
                                .outbox()
                                .ask(copy.holder(), new Request.Shown(half.bytes()), shown -> {}));
              }
              boolean isRoundOver = (asked + 1) % copies.size() == 0;
              long next = isRoundOver ? Math.min(2 * pauseMillis, LAST_PAUSE_MILLIS) : pauseMillis;
              owner.later(pauseMillis * 1_000, "seek", () -> seek(ward, asked + 1, next));
            });
  }

  /** The closed log itself, and the one that goes on with it, which its node has, too. */
  private List<Copy> copies(Ward ward) {
    Set<String> others = new LinkedHashSet<>();
    owner.seating().witnessesOf(ward.node()).forEach(witness -> others.add(witness.node()));
    owner.seating().nodes().forEach(node -> others.add(node.node()));
    others.remove(name);
    others.remove(ward.node());
    List<Copy> copies = new ArrayList<>();
    others.forEach(other -> copies.add(new Copy(other, ward.origin())));
    owner
        .seating()
        .node(ward.node())
        .map(machine.genesis()::origin)
        .filter(next -> !next.equals(ward.origin()))
        .ifPresent(
            next -> {
              copies.add(new Copy(ward.node(), next));
              others.forEach(other -> copies.add(new Copy(other, next)));
            });
    return copies;
  }

  /** What is held of a log from an entry on; nothing if it is none of what is kept here. */
  Optional<Reply> copy(Request.Copy asked) {
    return owner.discloses(asked.log())
        ? kept(asked.log())
            .flatMap(
                ward ->
                    ward.stored()
                        .newest()
                        .map(newest -> ServedLog.part(ward.stored(), newest, asked.from())))
        : Optional.empty();
  }

  /** A challenge was answered. */
  void answered(VerifiedAnswer answer, ValidChallenge challenge) {
    undelivered.answered(answer);
    if (challenge.claim() instanceof Claim.Decided decided) {
      behind.answered(challenge.target().node(), decided.decision().decision().epoch() + 1);
    }
  }

  private Undelivered newUndelivered() {
    return new Undelivered(
        machine.genesis(),
        name,
        machine.footprints(),
        owner.checkpoints()::stands,
        SENDERS_TURNS * world.pace().patience().unacknowledgedMillis());
  }

  private AuditSchedule newSchedule() {
    return AuditSchedule.create(
        world.pace().budget(), Hash.sha256(Bytes.utf8("secret " + name).unsafeArray()).toBytes());
  }

  void take(NodeRecord record) {
    if (!wards.containsKey(record.node())) {
      wards.put(record.node(), ward(machine.genesis().origin(record)));
    }
  }

  /** Opens the copy of the log of a node in one of its incarnations. */
  private Ward ward(Origin log) {
    Incarnations writers = owner.chain().keys().log(log.node(), log.incarnation()).orElseThrow();
    return new Ward(
        owner, new Machine(machine.genesis(), writers, owner.truth()), owner.disk().ward(log));
  }

  private DecisionsBehind newBehind() {
    return new DecisionsBehind(
        machine.genesis().networkId(),
        world.pace().patience().unacknowledgedMillis(),
        (ward, epoch) -> world.trace().tell(name, "sees governance split at " + ward));
  }

  /**
   * What becomes of a checkpoint that somebody shows. One of an incarnation that is closed is kept
   * whatever it is over: nothing more of that log will come.
   */
  Reply compared(SignedCheckpoint checkpoint) {
    Optional<Ward> kept = of(checkpoint.origin());
    if (kept.isEmpty()) {
      return new Reply.Refused("not_a_ward");
    }
    Ward ward = kept.get();
    if (!owner.behaviour().compares(ward.node())) {
      return Reply.Ok.EMPTY;
    }
    boolean isClosedHere = ward.closedAt().isPresent();
    Replica.Comparison comparison = ward.compare(checkpoint);
    return switch (comparison) {
      case CONSISTENT, CONFLICT -> Reply.Ok.EMPTY;
      case AHEAD -> isClosedHere ? Reply.Ok.EMPTY : new Reply.Refused(SimulatedNode.AHEAD);
      case REFUSED ->
          ward.isClosed() && ward.isGenuine(checkpoint)
              ? Reply.Ok.EMPTY
              : new Reply.Refused("checkpoint_refused");
    };
  }

  void follow(String ward) {
    Ward followed = wards.get(ward);
    if (followed == null || !following.add(ward)) {
      return;
    }
    long from = followed.stored().size();
    owner
        .outbox()
        .ask(
            ward,
            new Request.Follow(from, followed.origin().incarnation()),
            reply -> {
              if (wards.get(ward) != followed) {
                return;
              }
              following.remove(ward);
              if (reply.isPresent() && reply.get() instanceof Reply.LogPart part) {
                long known = followed.stored().size() - from;
                if (known <= part.entries().size()) {
                  followed.grow(
                      part.checkpoint(),
                      part.entries().subList((int) known, part.entries().size()));
                }
                boolean hasGrown = followed.stored().size() > from;
                owner.later(
                    hasGrown ? FRAME_MICROS : RETRY_MILLIS * 1_000, "follow", () -> follow(ward));
              } else {
                copyInstead(followed);
                owner.later(RETRY_MILLIS * 100, "follow", () -> follow(ward));
              }
            });
  }

  /** What the ward does not serve is asked of the others, one after the other; none is believed. */
  private void copyInstead(Ward ward) {
    List<Copy> copies = copies(ward);
    Copy copy = copies.get((int) (copiesAsked++ % copies.size()));
    long from = ward.stored().size();
    owner
        .outbox()
        .ask(
            copy.holder(),
            new Request.Copy(copy.log(), from),
            reply -> {
              if (reply.isPresent()
                  && reply.get() instanceof Reply.LogPart part
                  && ward.stored().size() == from
                  && !part.entries().isEmpty()
                  && !ward.isClosed()) {
                ward.grow(part.checkpoint(), part.entries());
              }
            });
  }

  /** Checkpoints found in a ward's log are shown to a witness of theirs. */
  void overheard(Ward ward, EmbeddedRelay.Part part) {
    owner.later(0, "overheard", () -> overhear(ward, part));
  }

  private void overhear(Ward ward, EmbeddedRelay.Part part) {
    long ticket =
        owner.ticket(
            release -> {
              boolean isSettled =
                  release instanceof Release.Overheard overheard && overheard.isSettled();
              ward.answered(part, isSettled);
              if (!isSettled) {
                owner.later(RETRY_MILLIS * 1_000, "overheard", ward::pump);
              }
            });
    owner.step(new Input.Overheard(part.witness(), part.checkpoints(), ticket));
  }

  void round() {
    Map<String, Long> stored = new TreeMap<>();
    Map<String, Long> before = new TreeMap<>();
    wards.forEach((ward, of) -> stored.put(ward, of.stored().size()));
    wards.forEach((ward, of) -> before.put(ward, of.replayedSize()));
    if (world.isScored()) {
      wards.keySet().forEach(ward -> schedule.priority(ward, Priority.from(this::opinion)));
    }
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
    world
        .observer()
        .round(
            name,
            wards.values().stream()
                .filter(ward -> before.containsKey(ward.node()))
                .map(
                    ward ->
                        new Observer.Progress(
                            ward.origin(),
                            stored.getOrDefault(ward.node(), 0L),
                            before.getOrDefault(ward.node(), 0L),
                            ward.replayedSize(),
                            ward.finding().isPresent()))
                .toList());
  }

  /** What a model says of a ward that has learnt nothing, or the wrong thing. */
  private double opinion() {
    return switch (opinions.below(6)) {
      case 0 -> Double.NaN;
      case 1 -> Double.POSITIVE_INFINITY;
      case 2 -> throw new IllegalStateException("no model");
      case 3 -> 0;
      default -> 40 * opinions.share() - 10;
    };
  }

  void look() {
    Set<String> now = new TreeSet<>();
    for (Ward ward : wards.values()) {
      if (ward.promised().isOverdue()) {
        now.add(ward.node());
      }
      if (ward.promised().isMissed(world.pace().patience().unacknowledgedMillis())) {
        ward.promised()
            .owed()
            .flatMap(owner.checkpoints()::verify)
            .ifPresent(
                promised -> owner.step(new Input.EntriesMissing(promised, ward.stored().size())));
      }
    }
    Set<String> changed = new TreeSet<>(now);
    changed.addAll(overdue);
    for (String ward : changed) {
      if (now.contains(ward) != overdue.contains(ward)) {
        owner.step(new Input.EntriesOverdue(ward, now.contains(ward)));
      }
    }
    overdue = now;
    owner
        .disk()
        .keep(owner.core().challenges().stream().map(one -> one.challenge().encoded()).toList());
    for (Ward ward : wards.values()) {
      behind
          .lacking(ward.node(), ward.auditedState(), owner.chain(), owner.elapsedMillis())
          .map(decision -> new Input.DecisionMissing(ward.node(), decision))
          .ifPresent(owner::step);
      undelivered.look(ward.sender(), owner.elapsedMillis()).forEach(owner::step);
    }
    handOver();
  }

  private void vouch(Ward ward) {
    long size = owner.behaviour().vouches(ward.auditedSize(), ward.stored().size());
    long last = vouchedAt.getOrDefault(ward.node(), Long.MIN_VALUE / 2);
    Optional<VerifiedAudit> before = ward.book().by(name);
    boolean isNew = before.filter(one -> one.content().to().size() >= size).isEmpty();
    if (size == 0 || !isNew || owner.elapsedMillis() - last < world.pace().auditMillis()) {
      return;
    }
    vouchedAt.put(ward.node(), owner.elapsedMillis());
    TreeHead to = new TreeHead(size, MerkleProofs.rootAt(ward.stored(), size));
    Bytes statement =
        AuditStatement.fromGenesis(ward.origin(), to, machine.genesis().programId())
            .sign(machine.genesis().networkId(), owner.logKey())
            .encoded();
    AuditRule.by(owner.chain())
        .check(statement)
        .valid()
        .ifPresent(audit -> ward.book().take(audit, ward.stored()));
    offer(ward, statement);
  }

  /** To the ward and to those who witness it. */
  private void offer(Ward ward, Bytes statement) {
    Set<String> concerned = new TreeSet<>();
    concerned.add(ward.node());
    owner.seating().witnessesOf(ward.node()).forEach(witness -> concerned.add(witness.node()));
    concerned.remove(name);
    for (String one : concerned) {
      owner
          .outbox()
          .ask(
              one,
              new Request.Audited(statement),
              reply -> reply.filter(OTHER_PAST::equals).ifPresent(other -> contradict(ward, one)));
    }
  }

  Reply audited(Bytes statement) {
    Optional<VerifiedAudit> valid = AuditRule.by(owner.chain()).check(statement).valid();
    if (valid.isEmpty()) {
      return Reply.Ok.EMPTY;
    }
    Origin log = valid.get().log();
    boolean isFormerSelf =
        valid.get().auditor().node().equals(name) && !valid.get().auditor().equals(machine.self());
    Ward ward = of(log).orElse(null);
    if (ward == null || isFormerSelf) {
      return Reply.Ok.EMPTY;
    }
    relieve(ward, valid.get());
    AuditBook.Standing standing = ward.book().take(valid.get(), ward.stored());
    if (standing == AuditBook.Standing.KEPT) {
      accuse(ward, valid.get());
    } else if (standing == AuditBook.Standing.OTHER_LOG) {
      contradict(ward, valid.get().auditor().node());
      return OTHER_PAST;
    }
    return Reply.Ok.EMPTY;
  }

  /** It has replayed another past of the ward: each of the two shows the other what it holds. */
  void contradict(Ward ward, String other) {
    if (!other.equals(ward.node()) && !other.equals(name)) {
      ward.halves()
          .forEach(half -> owner.outbox().ask(other, new Request.Shown(half.bytes()), reply -> {}));
    }
  }

  /**
   * SPEC protocol.md §6.1: who has lost the seat and signs about the ward all the same waits to be
   * relieved by what this node signs.
   */
  private void relieve(Ward ward, VerifiedAudit audit) {
    String auditor = audit.auditor().node();
    if (!owner.seating().isWitness(auditor, ward.node())
        && owner.seating().isWitness(name, ward.node())) {
      ward.book()
          .by(name)
          .ifPresent(
              own -> owner.outbox().ask(auditor, new Request.Audited(own.encoded()), reply -> {}));
    }
  }

  /** An AUDIT over what was found here to be wrong is false. */
  void accuse(Ward ward, VerifiedAudit audit) {
    if (audit.auditor().node().equals(name)) {
      return;
    }
    Proof proof =
        ward.book().accuse(audit, ward.finding(), ward.stored(), owner.verifier(), owner.chain());
    if (proof instanceof Proof.Proven proven) {
      owner.examine(proven.proof().encoded());
    } else if (proof instanceof Proof.Unproven unproven) {
      ward.doubt(audit + " is false, and no proof of it: " + unproven.reasons());
    }
  }
}
