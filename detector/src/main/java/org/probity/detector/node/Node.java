package org.probity.detector.node;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.probity.detector.challenge.Answer;
import org.probity.detector.challenge.AnswerRule;
import org.probity.detector.challenge.Challenges;
import org.probity.detector.challenge.Claim;
import org.probity.detector.challenge.ValidChallenge;
import org.probity.detector.challenge.VerifiedAnswer;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.CheckpointVerifier;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.TransactionRule;
import org.probity.detector.commitment.VerifiedAck;
import org.probity.detector.commitment.VerifiedCheckpoint;
import org.probity.detector.commitment.Views;
import org.probity.detector.commitment.Violation;
import org.probity.detector.crypto.Hash;
import org.probity.detector.evidence.Evidence;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.GovernanceState;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Seating;
import org.probity.detector.log.CheckpointSigner;
import org.probity.detector.log.Entry;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.Origin;
import org.probity.detector.log.TransactionEntry;
import org.probity.detector.log.UnreadableLogException;
import org.probity.detector.program.TransactionOutcome.Status;
import org.probity.detector.trust.Trust;
import org.probity.detector.trust.TrustListener;
import org.probity.detector.trust.Verdict;

/**
 * One node of the consortium: the deterministic core. It owns the own log, the channels to the
 * peers, the views of their logs and the verdicts about them.
 *
 * <p>{@link #step} takes one input and says what to make durable and what to do now. It never
 * throws on a peer's or a client's bytes. Should it throw all the same, which is a bug of ours or
 * of the program, the input is executed by half: the node latches, refuses whatever comes after,
 * and never signs again. Single owner, not thread-safe; {@link #published} may be read by any
 * thread.
 */
public final class Node {
  /** What everything is refused with after an exception. */
  static final String LATCHED = "node_latched";

  /** What everything is refused with before there is a log to go on with. */
  static final String NOT_READY = "not_ready";

  private final Machine machine;
  private final LogReader ownLog;
  private final LogWriter writer;
  private final Outbound outbound;
  private final Inbound inbound;
  private final Views views;
  private final Roster roster;
  private final Gossip gossip;
  private final Overhearing overhearing;
  private final Decisions decisions;
  private final Trust trust = new Trust();
  private final Containment containment;
  private final Holding holding;
  private final Raising raising;
  private final Answering answering;
  private final AnswerRule answers;

  private long wallMillis;
  private long elapsedMillis;
  private volatile @Nullable Published published;
  private final Deque<Release.Recorded> unsealedReleases = new ArrayDeque<>();
  private boolean hasRestoredForks = true;
  private final List<Held> held = new ArrayList<>();
  private boolean latched;

  /** The epoch whose seats are in force here. */
  private long seatedEpoch;

  /** How many refused messages of a log have been reported. */
  private final Map<Origin, Long> reportedRefusals = new HashMap<>();

  /** An answer that rests on entries which are executed but not durable. */
  private record Held(long size, Supplier<Release> answer) {}

  /**
   * A node that continues its log at {@code end}, which must be durable.
   *
   * @param published the checkpoint at {@code end}; empty for a log that has no entry yet
   * @param ownLog reads what is durable of the own log
   * @param views what was held of others' logs when this node stopped; owned by it from now on
   */
  public Node(
      Machine machine,
      CheckpointSigner signer,
      LogPosition end,
      Optional<Published> published,
      LogReader ownLog,
      Views views,
      TrustListener listener) {
    this(
        machine,
        signer,
        end,
        published,
        ownLog,
        views,
        listener,
        Patience.standard(),
        DecisionChain.of(machine.genesis(), machine.genesis().signatures()));
  }

  /**
   * The same, with another patience.
   *
   * @param known the members' decisions, as far as this node has kept them
   */
  public Node(
      Machine machine,
      CheckpointSigner signer,
      LogPosition end,
      Optional<Published> published,
      LogReader ownLog,
      Views views,
      TrustListener listener,
      Patience patience,
      DecisionChain known) {
    this.machine = machine;
    this.ownLog = ownLog;
    this.writer = new LogWriter(machine, signer, end);
    this.published = published.orElse(null);
    this.views = views;
    this.roster = new Roster(machine.genesis());
    this.decisions = new Decisions(machine, known);
    this.gossip = new Gossip(roster, decisions, views);
    this.outbound = new Outbound(machine, roster, gossip, views);
    this.containment =
        new Containment(
            trust,
            decisions,
            () -> Machine.system(writer.state()).governance(machine.genesis().networkId()));
    this.inbound =
        new Inbound(machine, gossip, new CheckpointVerifier(decisions::chain), views, containment);
    this.overhearing = new Overhearing(machine, gossip, views, containment);
    this.holding =
        new Holding(
            machine,
            roster,
            trust,
            containment,
            patience,
            node -> !Machine.system(writer.state()).isActive(node));
    this.raising = new Raising(machine, roster, views, holding, patience);
    this.answering = new Answering(machine, ownLog);
    this.answers = new AnswerRule(machine.genesis(), machine.program(), decisions::chain);
    trust.listen(listener);
    if (published.isEmpty()) {
      writer.genesis();
    } else {
      seat(published.get(), new ArrayList<>());
    }
  }

  /** The durable end of the log; empty until the first commit. */
  public Optional<Published> published() {
    return Optional.ofNullable(published);
  }

  public Verdict verdict(String node) {
    return trust.verdict(node);
  }

  public List<Evidence> proofs() {
    return trust.proofs();
  }

  public Views views() {
    return views;
  }

  /** Challenges that are open here, whoever raised them, in the order of arrival. */
  public List<Challenges.Open> challenges() {
    return holding.open();
  }

  /** Whether {@link Input.Seal} would produce a commit. */
  public boolean hasUnsealed() {
    return !latched && (writer.hasUnsealed() || views.isLosingAny());
  }

  /** Entries executed and waiting to be sealed. */
  public int unsealedEntries() {
    return writer.unsealedEntries();
  }

  /**
   * Handles one input.
   *
   * @throws RuntimeException or an Error for a bug, once; afterwards everything is refused as
   *     {@code node_latched}
   */
  public Step step(Input input) {
    if (latched) {
      return refused(input, LATCHED, "this node has stopped");
    }
    try {
      return handle(input);
    } catch (Throwable e) {
      // SPEC protocol.md §4.6: an input that was executed by half must never be signed over.
      latched = true;
      throw e;
    }
  }

  /**
   * SPEC protocol.md §11.1: what becomes of an input while there is no node yet, because the boot
   * gate is closed. Whoever waits for an answer is told to come again; nothing is executed, since
   * the log may turn out to be longer. Decisions and proofs are for the shell to bring again.
   */
  public static Step beforeGate(Input input) {
    return refused(input, NOT_READY, "this node has not begun");
  }

  private static Step refused(Input input, String code, String why) {
    List<Effect> effects = new ArrayList<>();
    if (input instanceof Input.Submitted submitted) {
      effects.add(new Release.Refused(submitted.ticket(), Violation.transition(code, why)));
    } else if (input instanceof Input.EnvelopeArrived arrived) {
      effects.add(new Release.EnvelopeRefused(arrived.ticket(), code, OptionalLong.empty()));
    } else if (input instanceof Input.Overheard overheard) {
      effects.add(new Release.Overheard(overheard.ticket(), false));
    } else if (input instanceof Input.ChallengeArrived arrived) {
      effects.add(new Release.ChallengeRefused(arrived.ticket(), code));
    }
    return new Step(Optional.empty(), effects);
  }

  private Step handle(Input input) {
    List<Effect> effects = new ArrayList<>();
    if (input instanceof Input.Clock clock) {
      wallMillis = clock.wallMillis();
      elapsedMillis = clock.elapsedMillis();
      takeBack(effects);
      transmit(effects);
      proveRestored(effects);
      if (gossip.forward(elapsedMillis, effects)) {
        overhearing.forward(effects);
      }
      challenge(effects);
    } else if (input instanceof Input.Submitted submitted) {
      submit(submitted, effects);
    } else if (input instanceof Input.EnvelopeArrived arrived) {
      inbound.envelope(arrived, writer, published, ownLog, wallMillis, effects);
      heard(arrived.envelope().checkpoint(), effects);
    } else if (input instanceof Input.AckArrived ack) {
      outbound.acknowledged(ack, writer, wallMillis, elapsedMillis, effects);
      heard(ack.ack().checkpoint(), effects);
      discharge(ack.ack());
    } else if (input instanceof Input.EnvelopeFailed failed) {
      outbound.failed(failed, elapsedMillis);
      transmit(effects);
    } else if (input instanceof Input.Overheard overheard) {
      overhearing.overheard(overheard, effects);
    } else if (input instanceof Input.CheckpointConfirmed confirmed) {
      gossip.confirmed(confirmed);
      overhearing.confirmed(confirmed, effects);
    } else if (input instanceof Input.CommitDurable durable) {
      publish(durable, effects);
    } else if (input instanceof Input.DecisionTaken taken) {
      decisions.taken(taken.decision(), writer, wallMillis, effects);
      holding.decided(elapsedMillis);
    } else if (input instanceof Input.EvidenceFound found) {
      learn(found.evidence(), effects);
    } else if (input instanceof Input.ChallengeRaised raised) {
      holding.raised(raised.challenge(), elapsedMillis, effects);
    } else if (input instanceof Input.ChallengeArrived arrived) {
      challenged(arrived, effects);
    } else if (input instanceof Input.ChallengeAnswered answered) {
      answered(answered.answer(), effects);
    } else if (input instanceof Input.ChallengeConfirmed confirmed) {
      holding.confirmed(confirmed, elapsedMillis);
    } else if (input instanceof Input.ChallengeUnanswered unanswered) {
      holding.unanswered(unanswered);
    } else if (input instanceof Input.EntriesMissing missing) {
      raising.entries(missing, elapsedMillis, effects);
    } else if (input instanceof Input.EntriesOverdue owing) {
      holding.owes(owing, elapsedMillis);
    } else if (input instanceof Input.MessagesUndelivered seen) {
      if (seen.receiver().equals(machine.self().node())) {
        inbound.found(seen, writer, wallMillis, effects);
      } else {
        raising.undelivered(seen, elapsedMillis, effects);
      }
    } else if (input instanceof Input.DecisionMissing missing) {
      raising.decision(missing, decisions.epoch(writer), elapsedMillis, effects);
    } else if (input instanceof Input.Seal) {
      return new Step(seal(), effects);
    }
    return new Step(Optional.empty(), effects);
  }

  private void submit(Input.Submitted submitted, List<Effect> effects) {
    TransactionRule.Checked checked = submitted.transaction();
    LogWriter.Recorded recorded = writer.transaction(checked, wallMillis);
    if (recorded.status() == Status.ALREADY_RECORDED) {
      // The same bytes again get the result they got the first time, once that is durable.
      long index =
          Machine.system(writer.state())
              .transaction(checked.transaction().clientId(), checked.transaction().submitter())
              .orElseThrow()
              .index();
      hold(index + 1, () -> durableOutcome(submitted.ticket(), index), effects);
      return;
    }
    if (recorded.status() != Status.EXECUTED) {
      Violation violation =
          Violation.transition(recorded.status().label(), recorded.status().meaning());
      // What the state says of it may rest on an entry that a crash still takes back.
      hold(writer.size(), () -> new Release.Refused(submitted.ticket(), violation), effects);
      return;
    }
    unsealedReleases.add(
        new Release.Recorded(submitted.ticket(), recorded.index(), recorded.outcome()));
  }

  private void hold(long size, Supplier<Release> answer, List<Effect> effects) {
    Published now = published;
    // SPEC protocol.md §4.6: not ownLog.size(), which moves while the commit is still under way.
    if (now != null && size <= now.size()) {
      effects.add(answer.get());
    } else {
      held.add(new Held(size, answer));
    }
  }

  private Release durableOutcome(long ticket, long index) {
    try {
      if (Entry.decode(ownLog.entry(index)).body() instanceof TransactionEntry transaction) {
        return new Release.Recorded(ticket, index, transaction.outcome());
      }
    } catch (UnreadableLogException e) {
      // Nothing is signed over it: the one who asks goes without.
      return new Release.Unreadable(ticket, index, String.valueOf(e.getMessage()));
    } catch (DecodeException e) {
      throw new IllegalStateException("own entry " + index + " is damaged", e);
    }
    throw new IllegalStateException("own entry " + index + " is no transaction");
  }

  /** A message of a peer was handled: what it left open is shown to others at once. */
  private void heard(VerifiedCheckpoint checkpoint, List<Effect> effects) {
    gossip.examine(overhearing.contradiction(checkpoint), effects);
    gossip.forwardOpen(checkpoint.author().node(), effects);
    long refusals = views.refusals(checkpoint.origin());
    if (refusals > reportedRefusals.getOrDefault(checkpoint.origin(), 0L)) {
      reportedRefusals.put(checkpoint.origin(), refusals);
      effects.add(new Effect.LogRefused(checkpoint.author().node(), refusals));
    }
  }

  /** Time has passed: what others leave open is asked for before everybody. */
  private void challenge(List<Effect> effects) {
    Published now = published;
    if (now != null) {
      Outbound.Durable durable = new Outbound.Durable(now, Machine.system(writer.state()), ownLog);
      raising.messages(outbound, durable, elapsedMillis, effects);
    }
    raising.links(elapsedMillis, effects);
    holding.clock(elapsedMillis, effects);
  }

  private void challenged(Input.ChallengeArrived arrived, List<Effect> effects) {
    ValidChallenge challenge = arrived.challenge();
    if (!challenge.target().equals(machine.self())) {
      holding.arrived(arrived, elapsedMillis, effects);
      return;
    }
    Published now = published;
    if (now == null) {
      effects.add(new Release.ChallengeRefused(arrived.ticket(), NOT_READY));
      return;
    }
    effects.addAll(challenge.claim().handle(new ToUs(arrived.ticket(), now, effects)));
  }

  /** What is answered at once to a challenge of each kind; the rest follows when it is durable. */
  private final class ToUs implements Claim.Handler<List<Release>> {
    private final long ticket;
    private final Published now;
    private final List<Effect> effects;

    ToUs(long ticket, Published now, List<Effect> effects) {
      this.ticket = ticket;
      this.now = now;
      this.effects = effects;
    }

    @Override
    public List<Release> message(Claim.Message claim) {
      inbound.challenged(claim, ticket, writer, now, ownLog, wallMillis, effects);
      heard(claim.envelope().checkpoint(), effects);
      return List.of();
    }

    @Override
    public List<Release> audit(Claim.Audit claim) {
      return List.of(answering.produce(claim, ticket));
    }

    @Override
    public List<Release> consistency(Claim.Consistency claim) {
      return List.of(answering.link(claim, ticket));
    }

    @Override
    public List<Release> client(Claim.Client claim) {
      Optional<Answering.Placed> placed;
      try {
        placed = answering.place(claim.transaction(), writer, now, wallMillis);
      } catch (UnreadableLogException e) {
        // Nothing was executed: whoever asks comes again, and perhaps the log is mended by then.
        return List.of(new Release.ChallengeRefused(ticket, Answering.LOG_UNREADABLE));
      }
      if (placed.isEmpty()) {
        return List.of(new Release.ChallengeRefused(ticket, Answering.NOT_DURABLE_YET));
      }
      Optional<Long> index = placed.get().index();
      hold(
          placed.get().decidedAt(),
          () ->
              index.isPresent()
                  ? answering.include(index.get(), ticket, required())
                  : answering.refuse(claim, ticket, required()),
          effects);
      return List.of();
    }

    @Override
    public List<Release> decision(Claim.Decided claim) {
      long epoch = claim.decision().decision().epoch();
      if (decisions.epoch(writer) <= epoch) {
        decisions.taken(claim.decision(), writer, wallMillis, effects);
        holding.decided(elapsedMillis);
      }
      if (decisions.epoch(writer) <= epoch) {
        // It waits for earlier ones, or does not follow our log.
        return List.of(new Release.ChallengeRefused(ticket, "decision_ahead"));
      }
      hold(writer.size(), () -> answering.decided(ticket, required()), effects);
      return List.of();
    }
  }

  private Published required() {
    Published now = published;
    if (now == null) {
      throw new IllegalStateException("nothing is durable");
    }
    return now;
  }

  /** A challenge is answered, whoever it was from. */
  private void answered(VerifiedAnswer answer, List<Effect> effects) {
    if (!holding.answered(answer, elapsedMillis)) {
      return;
    }
    ValidChallenge challenge = answer.challenge();
    Claim claim = challenge.claim();
    if (claim instanceof Claim.Message message && message.sender().equals(machine.self())) {
      // SPEC protocol.md §6.5: the sender must log what a witness brings it.
      VerifiedAck ack = answer.ack().orElseThrow();
      outbound.acknowledgedToOthers(ack, writer, wallMillis, effects);
      heard(ack.checkpoint(), effects);
    } else if (claim instanceof Claim.Consistency consistency) {
      link(consistency, answer.link(), effects);
    } else if (claim instanceof Claim.Audit audit
        && challenge.challenger().equals(machine.self())) {
      effects.add(new Effect.Produced(audit, answer.entries(), answer.link()));
    }
    answer.checkpoint().ifPresent(checkpoint -> shown(checkpoint, effects));
  }

  /**
   * A checkpoint that came in an answer, without a proof: its witnesses are shown it once, so that
   * whoever answers out of another log than everybody follows is found out.
   */
  private void shown(VerifiedCheckpoint checkpoint, List<Effect> effects) {
    gossip.examine(
        views.contradiction(checkpoint).or(() -> overhearing.contradiction(checkpoint)), effects);
    gossip.forwardOnce(checkpoint, effects);
  }

  /** Two checkpoints are linked, if it is these that are held. */
  private void link(Claim.Consistency claim, List<Hash> link, List<Effect> effects) {
    Origin origin = claim.older().origin();
    boolean isOfView =
        views
            .newest(origin)
            .filter(newest -> newest.equals(claim.older()) || newest.equals(claim.newer()))
            .isPresent();
    VerifiedCheckpoint other =
        views.unlinked(origin).contains(claim.older()) ? claim.older() : claim.newer();
    if (isOfView && views.unlinked(origin).contains(other)) {
      Views.Offer offer = views.offer(other, claim.older().size(), link);
      gossip.examine(offer.fork(), effects);
    }
  }

  /** An acknowledgement that has come as usual may be what a challenge of ours asks for. */
  private void discharge(VerifiedAck ack) {
    for (Challenges.Open one : holding.open()) {
      ValidChallenge challenge = one.challenge();
      boolean isAbout =
          challenge.target().node().equals(ack.from())
              && challenge.sender().filter(machine.self().node()::equals).isPresent();
      if (isAbout) {
        answers
            .check(challenge, Answer.acknowledging(ack.ack().ack()))
            .answer()
            .ifPresent(answer -> holding.answered(answer, elapsedMillis));
      }
    }
  }

  /** What was proven but not told when this node stopped. */
  private void proveRestored(List<Effect> effects) {
    if (hasRestoredForks) {
      hasRestoredForks = false;
      views.forks().forEach(fork -> gossip.examine(Optional.of(fork), effects));
    }
  }

  private Optional<Commit> seal() {
    if (!hasUnsealed()) {
      return Optional.empty();
    }
    Optional<LogWriter.Sealed> sealed =
        writer.hasUnsealed() ? Optional.of(writer.seal()) : Optional.empty();
    List<Release> releases = new ArrayList<>();
    long newSize = sealed.map(part -> part.append().newSize()).orElse(0L);
    while (!unsealedReleases.isEmpty() && unsealedReleases.element().index() < newSize) {
      releases.add(unsealedReleases.remove());
    }
    // What a message taught us is durable no later than what it made us write.
    return Optional.of(new Commit(sealed, views.drainChanges(), releases));
  }

  private void publish(Input.CommitDurable durable, List<Effect> effects) {
    effects.addAll(durable.commit().releases(durable.durable()));
    Optional<Published> grown = durable.commit().published(durable.durable());
    if (grown.isEmpty()) {
      return;
    }
    Published now = grown.get();
    published = now;
    seat(now, effects);
    inbound.answerDurable(now, ownLog, effects);
    for (Held answer : List.copyOf(held)) {
      if (answer.size() <= now.size()) {
        held.remove(answer);
        effects.add(answer.answer().get());
      }
    }
    transmit(effects);
  }

  /** Seats are those of the durable log: a decision that is not on disk moves nothing. */
  private void seat(Published now, List<Effect> effects) {
    GovernanceState governance =
        Machine.system(now.state()).governance(machine.genesis().networkId());
    if (governance.epoch() != seatedEpoch) {
      seatedEpoch = governance.epoch();
      // SPEC protocol.md §8.3: what a readmission has not settled keeps a node out wherever it is
      // known. Others may never have got it: one proof was enough before.
      containment.unsettled().forEach(proof -> effects.add(new Effect.Spread(proof)));
      Seating seating = Seating.of(governance);
      if (!seating.equals(roster.seating())) {
        List<NodeRecord> before = roster.nodes();
        roster.seated(seating);
        List<NodeRecord> closed = before.stream().filter(node -> !roster.isPresent(node)).toList();
        gossip.seated(closed.stream().map(NodeRecord::node).collect(Collectors.toSet()));
        overhearing.seated(seating, effects);
        closed.forEach(node -> holding.closed(node, elapsedMillis, effects));
        if (!closed.isEmpty()) {
          // SPEC protocol.md §8.3, §11.3: who begins again may have lost what it was told.
          trust.proofs().forEach(proof -> effects.add(new Effect.Spread(proof)));
        }
      }
    }
  }

  private void transmit(List<Effect> effects) {
    Published now = published;
    if (now != null) {
      outbound.transmit(
          now, Machine.system(writer.state()), ownLog, containment, elapsedMillis, effects);
    }
  }

  private void takeBack(List<Effect> effects) {
    Published now = published;
    if (now != null) {
      outbound.takeBack(now, writer, ownLog, wallMillis, elapsedMillis, effects);
    }
  }

  private void learn(Evidence evidence, List<Effect> effects) {
    if (trust.learn(evidence)) {
      effects.add(new Effect.Spread(evidence));
      overhearing.settle(effects);
      evidence
          .node()
          .filter(containment::isContained)
          .ifPresent(node -> holding.exposed(node, elapsedMillis));
    }
  }
}
