package org.probity.node.runtime;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.CarriedOut;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.evidence.DueProposals;
import org.probity.detector.evidence.Evidence;
import org.probity.detector.evidence.EvidenceBuilder;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.Assembly;
import org.probity.detector.governance.Decision;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Proposal;
import org.probity.detector.governance.Refusal;
import org.probity.detector.governance.SignedBallot;
import org.probity.detector.governance.ValidDecision;
import org.probity.detector.trust.Trust;
import org.probity.node.http.GovernanceService;
import org.probity.node.http.PeerReply;
import org.probity.node.http.Problems;
import org.probity.node.http.peer.PeerTransport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the members' statements come together (protocol.md §13): takes proposals and ballots from
 * clients and peers, keeps them on disk, counts, and hands every decision to the core, which logs
 * it. Everything is judged one after the other on a thread of its own, so that no flood of ballots
 * holds up transactions.
 *
 * <p>What is proven is proposed without anybody's asking: first that the fault is put on record,
 * then that the node be suspended. People vote.
 */
final class GovernanceDesk implements GovernanceService, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(GovernanceDesk.class);

  /** Statements and exchanges that wait for the desk. */
  static final int MAX_WAITING = 256;

  /** Nodes that are asked per interval for what is not here. */
  static final int ASKED_AT_ONCE = 4;

  private static final String SPLIT = "governance_split";
  private static final int RETRY_AFTER_SECONDS = 2;
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final Genesis genesis;
  private final NodeRecord self;
  private final GatedSigner logKey;
  private final GovernanceStore store;
  private final Supplier<List<Evidence>> proofs;
  private final Consumer<Bytes> candidates;
  private final BiConsumer<String, Evidence> giver;
  private final Consumer<ValidDecision> core;
  private final Standings standings;
  private final LongSupplier elapsedMillis;
  private final ThreadPoolExecutor desk;
  private final Set<String> asking = ConcurrentHashMap.newKeySet();

  // Confined to the desk.
  private DecisionChain chain;
  private Assembly assembly;
  private boolean isOpen;
  private final GivenProofs given = new GivenProofs();

  private volatile Snapshot snapshot;

  /** What readers see. Immutable. */
  private record Snapshot(
      DecisionChain chain,
      List<Assembly.Proposed> proposals,
      List<SignedBallot> ballots,
      int openRound,
      Set<Hash> keys) {
    static Snapshot of(DecisionChain chain, Assembly assembly) {
      return new Snapshot(
          chain,
          List.copyOf(assembly.proposals().values()),
          List.copyOf(assembly.poll().all()),
          assembly.poll().openRound(),
          Set.copyOf(assembly.keys()));
    }

    long epoch() {
      return chain.decisions().size();
    }
  }

  /**
   * @param kept what {@code store} has of the decisions
   * @param logKey signs what this node proposes by itself
   * @param proofs what is proven here
   * @param candidates takes what may prove a member's double ballot
   * @param giver gives a proof to a peer that has none against whom it accuses
   * @param core takes decisions, in epoch order and more than once
   * @param elapsedMillis since anything, by no clock that anybody sets
   */
  GovernanceDesk(
      Genesis genesis,
      NodeRecord self,
      GatedSigner logKey,
      GovernanceStore store,
      DecisionChain kept,
      Supplier<List<Evidence>> proofs,
      Consumer<Bytes> candidates,
      BiConsumer<String, Evidence> giver,
      Consumer<ValidDecision> core,
      Standings standings,
      ThreadFactory threads,
      LongSupplier elapsedMillis) {
    this.genesis = genesis;
    this.self = self;
    this.logKey = logKey;
    this.store = store;
    this.proofs = proofs;
    this.candidates = candidates;
    this.giver = giver;
    this.core = core;
    this.standings = standings;
    this.elapsedMillis = elapsedMillis;
    this.chain = kept;
    this.assembly = new Assembly(chain, action -> Optional.empty());
    this.snapshot = Snapshot.of(chain, assembly);
    this.desk =
        new ThreadPoolExecutor(
            1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(MAX_WAITING), threads);
  }

  /** Reads what was kept, and tells the core every decision: those it has logged are no news. */
  void open() throws IOException {
    GovernanceStore.Items items = store.items();
    desk.execute(
        () -> {
          chain.decisions().forEach(core);
          isOpen = true;
          begin();
          items.proposals().forEach(statement -> assembly.propose(statement));
          items.ballots().forEach(statement -> assembly.cast(statement));
          settle();
        });
  }

  // Statements

  @Override
  public Future<ObjectNode> propose(Bytes statement) {
    return onDesk(
        () -> {
          Assembly.Intake intake = assembly.propose(statement);
          Hash key = take(intake, false);
          settle();
          return answer(key, intake);
        });
  }

  @Override
  public Future<ObjectNode> vote(Bytes statement) {
    return onDesk(
        () -> {
          Assembly.Intake intake = cast(statement);
          Hash key = take(intake, true);
          settle();
          return answer(key, intake);
        });
  }

  @Override
  public Future<ObjectNode> handIn(Bytes decision) {
    return onDesk(
        () -> {
          try {
            Followed followed = follow(decision);
            settle();
            return answer(followed.id(), !followed.isNews());
          } catch (DecodeException e) {
            throw Problems.refused(e.code(), String.valueOf(e.getMessage()));
          }
        });
  }

  /** Whatever becomes of the ballot: who has signed another one, too, is proven guilty first. */
  private Assembly.Intake cast(Bytes statement) {
    Assembly.Intake intake = assembly.cast(statement);
    intake.conflict().ifPresent(this::accuse);
    return intake;
  }

  private static ObjectNode answer(Hash key, Assembly.Intake intake) {
    return answer(key, intake instanceof Assembly.Intake.Known);
  }

  private static ObjectNode answer(Hash key, boolean isKnown) {
    return JSON.objectNode().put("id", key.toHex()).put("known", isKnown);
  }

  /** Keeps what was taken; a refusal becomes the caller's problem. */
  private Hash take(Assembly.Intake intake, boolean isBallot) {
    if (intake instanceof Assembly.Intake.Refused refused) {
      throw Problems.refused(refused.refusal().code(), refused.refusal().message());
    }
    if (intake instanceof Assembly.Intake.Known known) {
      return known.key();
    }
    Assembly.Intake.Taken taken = (Assembly.Intake.Taken) intake;
    keep(taken.key(), isBallot);
    return taken.key();
  }

  private void keep(Hash key, boolean isBallot) {
    assembly.items().stream()
        .filter(item -> item.isBallot() == isBallot && item.key().equals(key))
        .forEach(
            item -> {
              try {
                store.keep(assembly.epoch(), item);
              } catch (IOException e) {
                // Other nodes hold it too.
                LOG.error("a statement is known but not kept: {}", e.toString());
              }
            });
  }

  // Decisions

  /** The next decision of the chain. */
  private ValidDecision enter(Bytes content) throws DecodeException {
    DecisionChain next = chain.append(content);
    ValidDecision decision = next.decisions().get(next.decisions().size() - 1);
    Optional<Refusal> refusal = CarriedOut.refusal(decision.decision().action(), chain.state());
    if (refusal.isPresent()) {
      throw new DecodeException(refusal.get().code(), refusal.get().message());
    }
    chain = next;
    return decision;
  }

  private void begin() {
    assembly = new Assembly(chain, this::notPutToTheVote);
    snapshot = Snapshot.of(chain, assembly);
  }

  private Optional<Refusal> notPutToTheVote(Action action) {
    Optional<Refusal> refusal = CarriedOut.refusal(action, chain.state());
    if (refusal.isEmpty() && action instanceof Action.SubmitEvidence evidence) {
      boolean isProven =
          proofs.get().stream()
              .anyMatch(proof -> proof.submission().fault().equals(evidence.fault()));
      return isProven
          ? Optional.empty()
          : Optional.of(
              new Refusal("evidence_unknown", "hand in the file first: POST /v1/evidence"));
    }
    return refusal;
  }

  /** Takes what the ballots decide, proposes what is due, and shows readers where things are. */
  private void settle() {
    if (!isOpen) {
      // Proofs are read back first; what was decided about them is not known yet.
      return;
    }
    Optional<Decision> decision = assembly.decision();
    while (decision.isPresent()) {
      try {
        learn(decision.get().encode());
      } catch (DecodeException e) {
        throw new IllegalStateException("ballots decide what cannot be: " + e.code(), e);
      }
      decision = assembly.decision();
    }
    if (logKey.isOpen()) {
      // SPEC protocol.md §11.1: what others sign is taken before, what this node signs waits.
      proposeWhatIsDue();
    }
    snapshot = Snapshot.of(chain, assembly);
  }

  private void learn(Bytes content) throws DecodeException {
    long epoch = chain.decisions().size();
    ValidDecision taken = enter(content);
    LOG.info("epoch {}: the members have decided {}", epoch, taken.decision().action());
    assembly.doubleBallots(taken.decision()).forEach(this::accuse);
    try {
      // A crash before this loses nothing: the ballots are kept, and others have the decision.
      store.keepDecision(epoch, content);
      store.forgetBefore(epoch + 1);
    } catch (IOException e) {
      LOG.error("a decision is known but not kept: {}", e.toString());
    }
    begin();
    // Last: whoever sees it in the log finds the keys it enrols here.
    core.accept(taken);
  }

  // What is proposed without anybody's asking

  private void proposeWhatIsDue() {
    DueProposals.of(assembly, chain, proofs.get(), self.node()).forEach(this::proposeMyself);
  }

  private void proposeMyself(Action action) {
    Bytes statement =
        new Proposal(assembly.epoch(), action).sign(genesis.networkId(), logKey).encoded();
    if (assembly.propose(statement) instanceof Assembly.Intake.Taken taken) {
      keep(taken.key(), false);
      LOG.info("proposed by this node: {}", action);
    }
  }

  /** Every decision known here. Any thread. */
  DecisionChain chain() {
    return snapshot.chain();
  }

  /** A proof has come to be known. */
  void proven() {
    later(this::settle);
  }

  // Peers

  /**
   * A peer challenges this node to log a decision that is valid after those known here: what it
   * enrols is to be known wherever it may be logged. Any thread.
   */
  void told(Bytes decision) {
    later(
        () -> {
          try {
            follow(decision);
            settle();
          } catch (DecodeException e) {
            LOG.debug("a decision does not follow on those known here: {}", e.code());
          }
        });
  }

  /** Asks some of those that talk to us for what is not here. */
  void ask(PeerTransport transport, List<String> peers) {
    Snapshot now = snapshot;
    Set<String> accused =
        proofs.get().stream().map(Evidence::accused).collect(Collectors.toUnmodifiableSet());
    Bytes request = new GovernanceExchange.Request(now.epoch(), now.keys(), accused).encode();
    for (String peer : drawn(peers, ThreadLocalRandom.current())) {
      if (asking.add(peer)) {
        question(transport, peer, request)
            .onComplete(
                done -> {
                  asking.remove(peer);
                  if (done.succeeded() && done.result().status() == PeerReply.OK) {
                    later(() -> take(peer, done.result().body()));
                  }
                });
      }
    }
  }

  /**
   * Whom to ask this time. What one node has is everywhere after a number of intervals that grows
   * with the logarithm of the consortium, and what a node says and hears does not grow with it.
   */
  static List<String> drawn(List<String> peers, Random random) {
    List<String> drawn = new ArrayList<>(peers);
    Collections.shuffle(drawn, random);
    return drawn.subList(0, Math.min(ASKED_AT_ONCE, drawn.size()));
  }

  private static Future<PeerReply> question(PeerTransport transport, String peer, Bytes request) {
    try {
      return transport.governance(peer, request);
    } catch (RuntimeException e) {
      // Without an answer this peer would never be asked again.
      return Future.failedFuture(e);
    }
  }

  private void take(String peer, Bytes encoded) {
    try {
      GovernanceExchange.Answer answer = GovernanceExchange.Answer.decode(encoded);
      for (Bytes decision : answer.decisions()) {
        followPastSplits(decision);
      }
      for (GovernanceExchange.Item item : answer.items()) {
        Assembly.Intake intake =
            item.isBallot() ? cast(item.statement()) : assembly.propose(item.statement());
        if (!(intake instanceof Assembly.Intake.Refused)) {
          take(intake, item.isBallot());
        }
      }
      settle();
    } catch (DecodeException e) {
      LOG.warn("{} answers with nonsense: {} {}", peer, e.code(), e.getMessage());
    }
  }

  /** Another decision of an epoch says nothing about the others that come with it. */
  private void followPastSplits(Bytes decision) throws DecodeException {
    try {
      follow(decision);
    } catch (DecodeException e) {
      if (!e.code().equals(SPLIT)) {
        throw e;
      }
    }
  }

  /** A decision of this consortium, and whether it was unknown until now. */
  private record Followed(Hash id, boolean isNews) {}

  /**
   * Takes a decision from whoever brings it: it shows by itself that it was taken. Fails with a
   * code of {@link DecisionChain#append} or {@link CarriedOut}, with {@code epoch_ahead} if others
   * before it are not known, and with {@code governance_split}.
   */
  private Followed follow(Bytes content) throws DecodeException {
    Decision decision = Decision.decode(content);
    Hash id = decision.id(genesis.networkId());
    int next = chain.decisions().size();
    if (decision.epoch() > next) {
      throw new DecodeException(
          "epoch_ahead",
          "a decision of epoch "
              + decision.epoch()
              + ", and that of epoch "
              + next
              + " is not known here: hand in the earlier ones first");
    }
    if (decision.epoch() == next) {
      learn(content);
      return new Followed(id, true);
    }
    ValidDecision known = chain.decisions().get((int) decision.epoch());
    if (!known.id().equals(id)) {
      // What is no decision splits nothing: this fails with its code.
      chain.before((int) decision.epoch()).append(content);
      LOG.error("governance split: epoch {} has another decision elsewhere", decision.epoch());
      accuse(known.decision(), decision);
      throw new DecodeException(SPLIT, "epoch " + decision.epoch() + " has another decision here");
    }
    return new Followed(id, false);
  }

  /** Two valid decisions of one epoch: whoever has voted for both in one round is proven guilty. */
  private void accuse(Decision one, Decision other) {
    StatementVerifier statements = new StatementVerifier(genesis.signatures(), genesis.networkId());
    Assembly.DoubleBallot.between(one.signed(statements), other.signed(statements))
        .forEach(this::accuse);
  }

  private void accuse(Assembly.DoubleBallot pair) {
    candidates.accept(
        new EvidenceBuilder(genesis.networkId()).doubleBallot(pair.one(), pair.other()));
  }

  @Override
  public Future<PeerReply> exchange(String from, Bytes body) {
    GovernanceExchange.Request request;
    try {
      request = GovernanceExchange.Request.decode(body);
    } catch (DecodeException e) {
      return Future.succeededFuture(PeerReply.refused(e.code()));
    }
    return onDesk(
        () -> {
          Set<Hash> faults =
              request.epoch() == assembly.epoch()
                  ? assembly.faultsLacking(request.held())
                  : Set.of();
          List<Evidence> lacking = Trust.lacking(proofs.get(), request.accused(), faults);
          given
              .due(from, lacking, elapsedMillis.getAsLong())
              .forEach(proof -> giver.accept(from, proof));
          return PeerReply.ok(
              GovernanceExchange.Answer.to(
                      request,
                      chain.decisions().stream().map(ValidDecision::encoded).toList(),
                      assembly)
                  .encode());
        });
  }

  // Readers

  @Override
  public ObjectNode status() {
    Snapshot now = snapshot;
    Standings.Known logged = standings.known();
    ObjectNode json =
        JSON.objectNode()
            .put("epoch", now.epoch())
            .put("loggedEpoch", logged.epoch())
            .put("previous", now.chain().state().lastDecision().toHex());
    json.set("electorate", GovernanceJson.members(now.chain().state().electorate()));
    json.put("quorum", now.chain().state().electorate().quorum())
        .put("round", now.openRound())
        .put("proposals", now.proposals().size())
        .put("ballots", now.ballots().size());
    json.put("rotation", logged.seating().rotation());
    json.putObject("parameters")
        .put("faults", logged.seating().faults())
        .put("witnesses", logged.seating().witnesses())
        .put("cosignatures", logged.seating().cosignatures());
    ObjectNode nodes = json.putObject("nodes");
    for (NodeRecord node : now.chain().state().nodes()) {
      ObjectNode row = GovernanceJson.standing(now.chain().state().standing(node.node()));
      row.put("incarnation", node.incarnation());
      ArrayNode witnesses = row.putArray("witnesses");
      logged.seating().witnessesOf(node.node()).forEach(seat -> witnesses.add(seat.node()));
      nodes.set(node.node(), row);
    }
    return json;
  }

  @Override
  public ArrayNode proposals() {
    Snapshot now = snapshot;
    ArrayNode array = JSON.arrayNode();
    for (Assembly.Proposed proposed : now.proposals()) {
      array.add(GovernanceJson.proposal(proposed, now.ballots()));
    }
    return array;
  }

  @Override
  public Optional<ObjectNode> proposal(String id) {
    Snapshot now = snapshot;
    for (Assembly.Proposed proposed : now.proposals()) {
      if (proposed.id().toHex().equals(id)) {
        return Optional.of(GovernanceJson.proposal(proposed, now.ballots()));
      }
    }
    return now.chain().decisions().stream()
        .filter(
            decision -> decision.decision().proposal().id(genesis.networkId()).toHex().equals(id))
        .findFirst()
        .map(decision -> GovernanceJson.decision(decision, genesis));
  }

  @Override
  public ArrayNode ballots() {
    ArrayNode array = JSON.arrayNode();
    snapshot.ballots().forEach(ballot -> array.add(GovernanceJson.ballot(ballot)));
    return array;
  }

  @Override
  public ArrayNode decisions(long from, int limit) {
    ArrayNode array = JSON.arrayNode();
    snapshot.chain().decisions().stream()
        .skip(from)
        .limit(limit)
        .forEach(decision -> array.add(GovernanceJson.decision(decision, genesis)));
    return array;
  }

  // The desk's thread

  private <T> Future<T> onDesk(Supplier<T> work) {
    Promise<T> promise = Promise.promise();
    try {
      desk.execute(
          () -> {
            try {
              promise.complete(work.get());
            } catch (RuntimeException e) {
              promise.fail(e);
            }
          });
    } catch (RejectedExecutionException e) {
      return Future.failedFuture(Problems.overloaded(RETRY_AFTER_SECONDS));
    }
    return promise.future();
  }

  private void later(Runnable work) {
    try {
      desk.execute(
          () -> {
            try {
              work.run();
            } catch (RuntimeException e) {
              LOG.error("governance has failed", e);
            }
          });
    } catch (RejectedExecutionException e) {
      LOG.debug("the desk is busy; the next interval does it");
    }
  }

  /** What waits for the desk. */
  int waiting() {
    return desk.getQueue().size();
  }

  @Override
  public void close() {
    desk.shutdownNow();
  }
}
