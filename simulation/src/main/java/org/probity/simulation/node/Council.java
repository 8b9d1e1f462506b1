package org.probity.simulation.node;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.CarriedOut;
import org.probity.detector.crypto.Hash;
import org.probity.detector.evidence.DueProposals;
import org.probity.detector.evidence.Evidence;
import org.probity.detector.evidence.EvidenceBuilder;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.Assembly;
import org.probity.detector.governance.Decision;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.Proposal;
import org.probity.detector.governance.Refusal;
import org.probity.detector.governance.ValidDecision;
import org.probity.simulation.world.Reply;
import org.probity.simulation.world.Request;

/**
 * Where the members' statements come together in one node: what is proven is proposed, ballots are
 * counted, and every decision goes to the core. The rules are the production code's.
 */
final class Council {
  private final SimulatedNode owner;
  private final Genesis genesis;
  private final Disk disk;
  private DecisionChain chain;
  private Assembly assembly;

  /** Whether all that is due by what is known here has been proposed. */
  private boolean isProposed;

  /** On what a disk holds of decisions and statements. */
  Council(SimulatedNode owner, Genesis genesis, Disk disk) {
    this.owner = owner;
    this.genesis = genesis;
    this.disk = disk;
    DecisionChain known = DecisionChain.of(genesis, genesis.signatures());
    try {
      for (Bytes content : disk.decisions()) {
        known = known.append(content);
      }
    } catch (DecodeException e) {
      throw new IllegalStateException("a kept decision is damaged", e);
    }
    this.chain = known;
    this.assembly = new Assembly(chain, this::notPutToTheVote);
  }

  /** Takes up the vote where it was, before anything else is heard. */
  void resume() {
    for (Assembly.Item item : disk.statements()) {
      take(item);
    }
  }

  /** Tells the core every decision. */
  void open() {
    chain.decisions().forEach(owner::decided);
    settle();
  }

  DecisionChain chain() {
    return chain;
  }

  Assembly assembly() {
    return assembly;
  }

  /** A proof has come to be known, or a ballot. */
  void settle() {
    Optional<Decision> decision = assembly.decision();
    while (decision.isPresent()) {
      learn(decision.get().encode());
      decision = assembly.decision();
    }
    if (!isProposed) {
      proposeWhatIsDue();
    }
    disk.keepStatements(assembly.items());
  }

  /** A member says something. */
  void say(List<Bytes> statements, boolean isBallot) {
    statements.forEach(
        statement -> take(new Assembly.Item(genesis.networkId(), isBallot, statement)));
    settle();
  }

  /** Something is proven here that was not before. */
  void proven() {
    isProposed = false;
  }

  private void take(Assembly.Item item) {
    isProposed = false;
    Assembly.Intake intake =
        item.isBallot() ? assembly.cast(item.statement()) : assembly.propose(item.statement());
    intake.conflict().ifPresent(this::examine);
  }

  private void examine(Assembly.DoubleBallot pair) {
    owner.examine(new EvidenceBuilder(genesis.networkId()).doubleBallot(pair.one(), pair.other()));
  }

  private void learn(Bytes content) {
    try {
      chain = chain.append(content);
    } catch (DecodeException e) {
      throw new IllegalStateException("ballots decide what cannot be: " + e.code(), e);
    }
    ValidDecision taken = chain.decisions().get(chain.decisions().size() - 1);
    disk.keepDecision(content);
    List<Assembly.DoubleBallot> pairs = assembly.doubleBallots(taken.decision());
    assembly = new Assembly(chain, this::notPutToTheVote);
    isProposed = false;
    owner.world().trace().tell(owner.name(), "learns the decision " + name(taken));
    owner.decided(taken);
    pairs.forEach(this::examine);
  }

  private static String name(ValidDecision taken) {
    Action action = taken.decision().action();
    return taken.decision().epoch() + ": " + action.name() + about(action);
  }

  private static String about(Action action) {
    if (action instanceof Action.SuspendNode suspended) {
      return " " + suspended.node();
    }
    if (action instanceof Action.RevokeNode revoked) {
      return " " + revoked.node();
    }
    if (action instanceof Action.ReadmitNode readmitted) {
      return " " + readmitted.node();
    }
    return action instanceof Action.SubmitEvidence submitted ? " " + submitted.member() : "";
  }

  // What others have.

  Request.Assembled question() {
    Set<String> accused =
        disk.evidence().stream().map(Evidence::accused).collect(Collectors.toSet());
    return new Request.Assembled(assembly.epoch(), assembly.keys(), accused);
  }

  Reply answer(Request.Assembled request) {
    List<Bytes> news = disk.decisions().stream().skip(request.epoch()).toList();
    Set<Hash> held = new HashSet<>(request.held());
    List<Assembly.Item> items =
        request.epoch() == assembly.epoch()
            ? assembly.items().stream().filter(item -> !held.contains(item.key())).toList()
            : List.of();
    return new Reply.Assembled(news, items);
  }

  /** Of what is voted on here, faults that who asks this has not seen proven. */
  Set<Hash> faultsLacking(Request.Assembled request) {
    return request.epoch() == assembly.epoch() ? assembly.faultsLacking(request.held()) : Set.of();
  }

  void take(long askedEpoch, Reply.Assembled answer) {
    long epoch = askedEpoch;
    for (Bytes decision : answer.decisions()) {
      if (epoch++ == chain.decisions().size() && !follows(decision)) {
        break;
      }
    }
    answer.items().forEach(this::take);
    settle();
  }

  /** Somebody is challenged to log this. */
  void told(Bytes decision) {
    if (follows(decision)) {
      settle();
    }
  }

  private boolean follows(Bytes decision) {
    try {
      chain.append(decision);
    } catch (DecodeException e) {
      return false;
    }
    learn(decision);
    return true;
  }

  // What is proposed without anybody's asking.

  private Optional<Refusal> notPutToTheVote(Action action) {
    Optional<Refusal> refusal = CarriedOut.refusal(action, chain.state());
    boolean isUnknown =
        action instanceof Action.SubmitEvidence evidence
            && disk.evidence().stream().noneMatch(proof -> proof.fault().equals(evidence.fault()));
    return refusal.isEmpty() && isUnknown
        ? Optional.of(new Refusal("evidence_unknown", "not seen here"))
        : refusal;
  }

  private void proposeWhatIsDue() {
    if (owner.world().isGoverned() && owner.isUp()) {
      DueProposals.of(assembly, chain, disk.evidence(), owner.name()).forEach(this::propose);
      isProposed = true;
    }
  }

  private void propose(Action action) {
    Proposal proposal = new Proposal(assembly.epoch(), action);
    if (!assembly.proposals().containsKey(proposal.id(genesis.networkId()))) {
      assembly.propose(proposal.sign(genesis.networkId(), owner.logKey()).encoded());
    }
  }
}
