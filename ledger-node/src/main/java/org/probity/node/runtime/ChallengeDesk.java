package org.probity.node.runtime;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.probity.detector.audit.DecisionsBehind;
import org.probity.detector.challenge.AnswerRule;
import org.probity.detector.challenge.Challenge;
import org.probity.detector.challenge.ChallengeRule;
import org.probity.detector.challenge.Challenges;
import org.probity.detector.challenge.Claim;
import org.probity.detector.challenge.Confirmation;
import org.probity.detector.challenge.ConfirmationRule;
import org.probity.detector.challenge.ValidChallenge;
import org.probity.detector.challenge.VerifiedAnswer;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.CheckpointVerifier;
import org.probity.detector.commitment.Machine;
import org.probity.detector.commitment.Views;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Refusal;
import org.probity.detector.log.Origin;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.node.Effect;
import org.probity.detector.node.Input;
import org.probity.detector.node.Patience;
import org.probity.detector.node.Release;
import org.probity.detector.node.Undelivered;
import org.probity.detector.program.Transaction;
import org.probity.detector.program.TransactionOutcome;
import org.probity.node.http.ChallengeStatus;
import org.probity.node.http.HandedOver;
import org.probity.node.http.PeerReply;
import org.probity.node.http.Problems;
import org.probity.node.http.peer.PeerTransport;
import org.probity.node.http.wire.ChallengeReply;
import org.probity.node.scoring.PeerObserver;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Challenges between the core and the world (protocol.md §7): what comes in is checked here before
 * the core sees it, what the core raises is signed here, and what it puts to others is carried to
 * them and the answers judged. Thread-safe.
 *
 * <p>Checking has a thread and a queue of its own, and every peer a share of it: a flood of
 * challenges holds up neither payments nor other peers' challenges.
 */
final class ChallengeDesk implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ChallengeDesk.class);

  /** Challenges that wait to be checked; each may have the largest size there is. */
  static final int MAX_WAITING = 64;

  /** Of them from one peer, and from all clients together. */
  static final int MAX_WAITING_OF_ONE = 8;

  /** A sender has so many times its own patience before its witnesses deliver for it. */
  private static final long SENDERS_TURNS = 2;

  /** How long whoever hands over a transaction waits for what the home node says to it. */
  static final long HAND_OVER_PATIENCE_MILLIS = 3_000;

  private static final int RETRY_AFTER_SECONDS = 2;

  /** How clients are called in the shares; no node has such a name. */
  private static final String CLIENTS = "";

  private final Machine machine;
  private final Supplier<DecisionChain> decisions;
  private final Consumer<Bytes> decided;
  private final ChallengeRule rule;
  private final AnswerRule answers;
  private final ConfirmationRule confirmations;
  private final StatementVerifier statements;
  private final CheckpointVerifier checkpoints;
  private final GatedSigner logKey;
  private final PeerTransport transport;
  private final CoreLoop core;
  private final Tickets tickets;
  private final Executor workers;
  private final Clock clock;
  private final LongSupplier elapsedMillis;
  private final Patience patience;
  private final PeerObserver observer;
  private final ThreadPoolExecutor checking;
  private final ExecutorService looking;
  private final AtomicBoolean isLooking = new AtomicBoolean();
  private final Map<String, AtomicInteger> shares = new ConcurrentHashMap<>();
  private final ChallengeStore store;
  private volatile boolean isRead;
  private volatile @Nullable WardCopies copies;
  private final HandOvers handOvers = new HandOvers(HAND_OVER_PATIENCE_MILLIS);
  private final DecisionsBehind behind;
  private final Undelivered undelivered;
  private volatile Set<String> overdue = Set.of();
  private volatile List<ChallengeStatus> open = List.of();

  /** The same, by id and as signed. */
  private volatile Map<Hash, Bytes> opened = Map.of();

  /** The newest checkpoint known of each log, as of the last look. */
  private volatile Map<Origin, Bytes> seen = Map.of();

  /**
   * @param logKey signs what the core raises
   * @param store keeps what is open over a restart
   * @param decisions as far as known here
   * @param decided told of decisions that others challenge somebody to log
   * @param workers judge answers
   * @param elapsedMillis the core's time
   * @param observer told how long answers take
   */
  ChallengeDesk(
      Machine machine,
      GatedSigner logKey,
      ChallengeStore store,
      Supplier<DecisionChain> decisions,
      Consumer<Bytes> decided,
      PeerTransport transport,
      CoreLoop core,
      Tickets tickets,
      Executor workers,
      Clock clock,
      LongSupplier elapsedMillis,
      Patience patience,
      PeerObserver observer,
      ThreadFactory threads) {
    this.machine = machine;
    this.store = store;
    this.decisions = decisions;
    this.decided = decided;
    this.rule = new ChallengeRule(machine.genesis(), machine.program(), decisions);
    this.answers = new AnswerRule(machine.genesis(), machine.program(), decisions);
    this.confirmations = new ConfirmationRule(decisions);
    this.statements = new StatementVerifier(SignatureRule.fastest(), machine.genesis().networkId());
    this.checkpoints = new CheckpointVerifier(decisions);
    this.logKey = logKey;
    this.transport = transport;
    this.core = core;
    this.tickets = tickets;
    this.workers = workers;
    this.clock = clock;
    this.elapsedMillis = elapsedMillis;
    this.patience = patience;
    this.observer = observer;
    this.undelivered =
        new Undelivered(
            machine.genesis(),
            machine.self().node(),
            machine.footprints(),
            checkpoints::stands,
            SENDERS_TURNS * patience.unacknowledgedMillis());
    this.behind =
        new DecisionsBehind(
            machine.genesis().networkId(),
            patience.unacknowledgedMillis(),
            ChallengeDesk::logSplit);
    this.checking =
        new ThreadPoolExecutor(
            1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(MAX_WAITING), threads);
    this.looking = Executors.newSingleThreadExecutor(threads);
  }

  /**
   * Opens again what was open when this node stopped, with all its time before it: how long ago it
   * was first asked nobody knows without a clock that is right.
   */
  void reopen() throws IOException {
    List<Bytes> statements = store.read();
    checking.execute(
        () -> {
          for (Bytes statement : statements) {
            rule.check(statement).valid().ifPresent(challenge -> core.post(reopened(challenge)));
          }
          core.inspect(
              node -> {
                opened = statements(node.challenges());
                isRead = true;
              });
        });
  }

  private Input reopened(ValidChallenge challenge) {
    return challenge.challenger().equals(machine.self())
        ? new Input.ChallengeRaised(challenge)
        : new Input.ChallengeArrived(challenge, tickets.issue(release -> {}, stopped -> {}));
  }

  private static Map<Hash, Bytes> statements(List<Challenges.Open> open) {
    Map<Hash, Bytes> statements = new HashMap<>();
    open.forEach(one -> statements.put(one.challenge().id(), one.challenge().encoded()));
    return Map.copyOf(statements);
  }

  /** From here on the store is touched on {@code looking} only. */
  private void keep() {
    if (isRead) {
      try {
        store.look(opened);
      } catch (IOException e) {
        // Other nodes hold them too.
        LOG.error("open challenges are not kept: {}", e.toString());
      }
    }
  }

  /** Where copies of wards' logs are, once they are open. */
  void consult(WardCopies wards) {
    copies = wards;
  }

  /** Challenges that wait to be checked. */
  int waiting() {
    return checking.getQueue().size();
  }

  // What comes in.

  /** A peer puts a challenge to us. */
  Future<PeerReply> take(String from, Bytes statement) {
    return inTurn(from, promise -> judge(statement, promise));
  }

  private void judge(Bytes statement, Promise<PeerReply> promise) {
    ChallengeRule.Outcome outcome = rule.check(statement);
    outcome
        .refusal()
        .map(Refusal::code)
        .ifPresent(code -> promise.complete(PeerReply.refused(code)));
    outcome
        .valid()
        .ifPresent(
            challenge -> {
              Optional<VerifiedAnswer> known = fromCopy(challenge);
              if (known.isPresent()) {
                // It may be open here since a time when the copy was shorter.
                core.post(new Input.ChallengeAnswered(known.get()));
                promise.complete(ok(ChallengeReply.answered(known.get().encoded())));
                return;
              }
              long ticket =
                  tickets.issue(
                      release -> reply(challenge, release).onComplete(promise), promise::tryFail);
              if (challenge.claim() instanceof Claim.Decided claim) {
                decided.accept(claim.decision().encoded());
              }
              core.post(new Input.ChallengeArrived(challenge, ticket));
            });
  }

  /** What a witness answers for its ward: two checkpoints are linked by whoever has the entries. */
  private Optional<VerifiedAnswer> fromCopy(ValidChallenge challenge) {
    WardCopies wards = copies;
    return wards != null && challenge.claim() instanceof Claim.Consistency claim
        ? wards.link(claim).flatMap(link -> answers.check(challenge, link).answer())
        : Optional.empty();
  }

  private Future<PeerReply> reply(ValidChallenge challenge, Release release) {
    if (release instanceof Release.ChallengeAnswered answered) {
      return Future.succeededFuture(ok(ChallengeReply.answered(answered.answer())));
    }
    if (release instanceof Release.ChallengeHeld) {
      return confirmation(challenge)
          .map(it -> ok(it.map(ChallengeReply::confirmed).orElse(ChallengeReply.HELD)));
    }
    if (release instanceof Release.ChallengeRefused refused) {
      return Future.succeededFuture(PeerReply.refused(refused.code()));
    }
    throw new IllegalStateException("not what becomes of a challenge: " + release);
  }

  private Future<Optional<Confirmation>> confirmation(ValidChallenge challenge) {
    WardCopies wards = copies;
    if (wards == null || !(challenge.claim() instanceof Claim.Audit claim)) {
      return Future.succeededFuture(Optional.empty());
    }
    // Not on the core's loop: it reads the disk.
    Promise<Optional<Confirmation>> promise = Promise.promise();
    workers.execute(() -> wards.confirm(claim).onComplete(promise));
    return promise.future();
  }

  private static PeerReply ok(ChallengeReply reply) {
    return PeerReply.ok(reply.encode());
  }

  /** A client hands us a transaction that its home node does not take. */
  Future<HandedOver> handOver(Bytes transaction) {
    return inTurn(CLIENTS, promise -> challengeFor(transaction, promise));
  }

  private void challengeFor(Bytes transaction, Promise<HandedOver> promise) {
    Transaction content;
    try {
      content = Transaction.decode(statements.verify(transaction, Transaction.TYP).payload());
    } catch (DecodeException e) {
      throw Problems.refused(e.code(), String.valueOf(e.getMessage()));
    }
    String home = content.node();
    if (content.notAfterMillis() < clock.millis()) {
      throw Problems.refused(
          TransactionOutcome.Status.EXPIRED.label(), TransactionOutcome.Status.EXPIRED.meaning());
    }
    if (home.equals(machine.self().node())) {
      throw Problems.refused("own_transaction", "this is its home node: submit it");
    }
    // SPEC protocol.md §2.4: in the incarnation that writes its log now; no other answers.
    NodeRecord target =
        decisions
            .get()
            .keys()
            .present(home)
            .orElseThrow(() -> Problems.refused("unknown_target", "no node " + home));
    ValidChallenge fresh =
        signed(
            new Challenge(
                Challenge.Target.of(target),
                machine.self().node(),
                new Challenge.Client(
                    transaction, Optional.ofNullable(seen.get(machine.genesis().origin(target))))));
    core.inspect(node -> raise(openAbout(transaction, node.challenges()).orElse(fresh), promise));
  }

  /** On the core's loop. */
  private void raise(ValidChallenge challenge, Promise<HandedOver> promise) {
    handOvers.await(challenge, elapsedMillis.getAsLong(), promise);
    core.post(new Input.ChallengeRaised(challenge));
    core.inspect(
        node -> {
          boolean isOpen =
              node.challenges().stream()
                  .anyMatch(one -> one.challenge().id().equals(challenge.id()));
          if (!isOpen) {
            // Too much of the kind is open, unless it is answered and told by now.
            promise.tryFail(Problems.overloaded(RETRY_AFTER_SECONDS));
          }
        });
  }

  /** Whoever asks twice has asked once: a challenge of ours about the very same bytes. */
  private Optional<ValidChallenge> openAbout(Bytes transaction, List<Challenges.Open> all) {
    return all.stream()
        .map(Challenges.Open::challenge)
        .filter(challenge -> challenge.challenger().equals(machine.self()))
        .filter(
            challenge ->
                challenge.claim() instanceof Claim.Client claim
                    && claim.transaction().statement().encoded().equals(transaction))
        .findFirst();
  }

  /** Runs {@code work} in the caller's share of the queue; whatever it throws is the answer. */
  private <T> Future<T> inTurn(String caller, Consumer<Promise<T>> work) {
    AtomicInteger share = shares.computeIfAbsent(caller, any -> new AtomicInteger());
    Promise<T> promise = Promise.promise();
    if (share.incrementAndGet() > MAX_WAITING_OF_ONE) {
      share.decrementAndGet();
      return Future.failedFuture(Problems.overloaded(RETRY_AFTER_SECONDS));
    }
    try {
      checking.execute(
          () -> {
            share.decrementAndGet();
            try {
              work.accept(promise);
            } catch (RuntimeException e) {
              promise.tryFail(e);
            }
          });
    } catch (RejectedExecutionException e) {
      share.decrementAndGet();
      return Future.failedFuture(Problems.overloaded(RETRY_AFTER_SECONDS));
    }
    return promise.future();
  }

  // What goes out.

  /** Signs what the core raises. */
  void raise(Effect.Raise raise) {
    workers.execute(
        () -> {
          try {
            core.post(new Input.ChallengeRaised(signed(raise.challenge())));
          } catch (RuntimeException e) {
            // Our bug or the signer's trouble; the core asks again.
            LOG.error("a challenge cannot be raised", e);
          }
        });
  }

  private ValidChallenge signed(Challenge challenge) {
    Bytes statement = challenge.sign(machine.genesis().networkId(), logKey).encoded();
    ChallengeRule.Outcome outcome = rule.check(statement);
    return outcome
        .valid()
        .orElseThrow(
            () -> {
              Refusal refusal = outcome.refusal().orElseThrow();
              return Problems.refused(refusal.code(), refusal.message());
            });
  }

  /** Puts a challenge to somebody; exactly one input comes of it. */
  void put(Effect.Put put) {
    long putNanos = System.nanoTime();
    Future<PeerReply> reply;
    try {
      reply = transport.challenge(put.to(), put.challenge().encoded());
    } catch (RuntimeException e) {
      reply = Future.failedFuture(e);
    }
    reply
        .onSuccess(
            answer -> {
              long tookNanos = System.nanoTime() - putNanos;
              workers.execute(() -> core.post(observed(put, input(put, answer), tookNanos)));
            })
        .onFailure(noAnswer -> core.post(unanswered(put)));
  }

  private Input observed(Effect.Put put, Input input, long tookNanos) {
    if (input instanceof Input.ChallengeAnswered
        && put.to().equals(put.challenge().target().node())) {
      observer.challengeAnswered(put.to(), tookNanos);
    }
    return input;
  }

  private Input input(Effect.Put put, PeerReply reply) {
    if (reply.status() != PeerReply.OK) {
      return unanswered(put);
    }
    try {
      ChallengeReply said = ChallengeReply.decode(reply.body());
      // SPEC protocol.md §7.3: wrong data equals no answer.
      Optional<VerifiedAnswer> answer =
          said.answer().flatMap(bytes -> answers.check(put.challenge(), bytes).answer());
      answer.ifPresent(this::note);
      return answer
          .<Input>map(Input.ChallengeAnswered::new)
          .or(() -> said.confirmation().flatMap(it -> confirmed(put, it)))
          .orElseGet(() -> unanswered(put));
    } catch (DecodeException e) {
      LOG.debug("{} has answered a challenge with something else: {}", put.to(), e.getMessage());
      return unanswered(put);
    }
  }

  private Optional<Input> confirmed(Effect.Put put, Confirmation confirmation) {
    return confirmations
        .check(put.challenge(), confirmation)
        .valid()
        .map(valid -> new Input.ChallengeConfirmed(valid, put.to()));
  }

  private void note(VerifiedAnswer answer) {
    undelivered.answered(answer);
    handOvers.answered(answer);
    if (answer.challenge().claim() instanceof Claim.Decided decided) {
      behind.answered(
          answer.challenge().target().node(), decided.decision().decision().epoch() + 1);
    }
  }

  private static Input unanswered(Effect.Put put) {
    return new Input.ChallengeUnanswered(put.challenge().id(), put.to());
  }

  // What can be seen.

  /**
   * Notes what is open in the core, and tells it of wards that have signed more than they produce;
   * from time to time. Returns at once: it writes files and reads logs, so it has a thread of its
   * own, and there is nothing to do for whoever comes while it is under way.
   */
  void lookAround(Collection<Ward> wards) {
    if (!isLooking.compareAndSet(false, true)) {
      return;
    }
    try {
      looking.execute(
          () -> {
            try {
              look(wards);
            } catch (RejectedExecutionException e) {
              LOG.debug("the node stops");
            } catch (RuntimeException e) {
              LOG.error("open challenges cannot be looked at", e);
            } finally {
              isLooking.set(false);
            }
          });
    } catch (RejectedExecutionException e) {
      LOG.debug("the node stops");
    }
  }

  private void look(Collection<Ward> followed) {
    List<Ward> wards = List.copyOf(followed);
    core.inspect(
        node -> {
          List<Challenges.Open> challenges = node.challenges();
          open = statuses(challenges);
          opened = statements(challenges);
          seen = newest(node.views(), wards);
        });
    keep();
    handOvers.giveUp(elapsedMillis.getAsLong());
    tellOverdue(wards);
    for (Ward ward : wards) {
      try {
        ward.owed(Duration.ofMillis(patience.unacknowledgedMillis()))
            .flatMap(
                owed ->
                    checkpoints
                        .verify(owed.promised())
                        .map(promised -> new Input.EntriesMissing(promised, owed.from())))
            .ifPresent(core::post);
        behind
            .lacking(ward.node(), ward.auditedState(), decisions.get(), elapsedMillis.getAsLong())
            .map(decision -> new Input.DecisionMissing(ward.node(), decision))
            .ifPresent(core::post);
        undelivered.look(sender(ward), elapsedMillis.getAsLong()).forEach(core::post);
      } catch (RuntimeException e) {
        LOG.error("what is missing of {} cannot be told", ward.node(), e);
      }
    }
  }

  /** The members have let another incarnation of this node begin. Any thread. */
  void forget(String node) {
    behind.forget(node);
    undelivered.forget(node);
  }

  private static void logSplit(String ward, long epoch) {
    LOG.error(
        "governance has split: the log of {} has another decision of epoch {} than this node's",
        ward,
        epoch);
  }

  /** The state first: what else is known of the ward is not older then. */
  static Undelivered.Sender sender(Ward ward) {
    return new Undelivered.Sender(
        ward.node(),
        ward.auditedState(),
        ward.newest(),
        ward.finding().isPresent(),
        ward.auditedSize(),
        ward.stored());
  }

  /** Only what has changed since the last look; of a log that is not followed nothing is missed. */
  private void tellOverdue(Collection<Ward> wards) {
    Set<String> now = new TreeSet<>();
    wards.stream().filter(Ward::isOverdue).map(Ward::node).forEach(now::add);
    Set<String> changed = new TreeSet<>(now);
    changed.addAll(overdue);
    for (String node : changed) {
      if (now.contains(node) != overdue.contains(node)) {
        core.post(new Input.EntriesOverdue(node, now.contains(node)));
      }
    }
    overdue = Set.copyOf(now);
  }

  private Map<Origin, Bytes> newest(Views views, Collection<Ward> wards) {
    Map<Origin, SignedCheckpoint> newest = new HashMap<>();
    for (NodeRecord node : decisions.get().keys().present()) {
      Origin log = machine.genesis().origin(node);
      views.newest(log).ifPresent(view -> newest.put(log, view.signed()));
    }
    for (Ward ward : wards) {
      ward.newest()
          .ifPresent(
              held ->
                  newest.merge(
                      ward.origin(), held, (one, two) -> one.size() >= two.size() ? one : two));
    }
    Map<Origin, Bytes> encoded = new HashMap<>();
    newest.forEach((log, checkpoint) -> encoded.put(log, checkpoint.bytes()));
    return Map.copyOf(encoded);
  }

  private List<ChallengeStatus> statuses(List<Challenges.Open> challenges) {
    long now = elapsedMillis.getAsLong();
    Instant wall = clock.instant();
    List<ChallengeStatus> found = new ArrayList<>();
    for (Challenges.Open one : challenges) {
      ValidChallenge challenge = one.challenge();
      found.add(
          new ChallengeStatus(
              challenge.id(),
              challenge.kind().label(),
              challenge.target().node(),
              challenge.challenger().node(),
              one.firstPutElapsed().isPresent()
                  ? Optional.of(wall.minusMillis(now - one.firstPutElapsed().getAsLong()))
                  : Optional.empty(),
              one.isOverdue(now, patience.overdueMillis())));
    }
    return List.copyOf(found);
  }

  /** What was open at the last look, in the order of arrival. */
  List<ChallengeStatus> open() {
    return open;
  }

  /** What still waits is not checked; a look that was begun ends. */
  @Override
  public void close() {
    checking.shutdownNow();
    Endings.finish(looking);
  }
}
