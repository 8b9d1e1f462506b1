package org.probity.detector.governance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.Statement;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.log.TreeHead;
import org.probity.detector.node.TestNetwork;

/** A consortium that decides things: its members' keys and short ways to ballots and decisions. */
public final class Polity {
  public static final Hash ROOT = Hash.sha256(new byte[] {7});
  public static final TreeHead HEAD = new TreeHead(41, ROOT);

  final TestNetwork network;
  final Genesis genesis;
  final StatementVerifier verifier;
  final DecisionRule rule;

  public Polity(String... names) {
    this(TestNetwork.of(Parameters.of(0, 1), Hash.sha256(), Bytes.EMPTY, names));
  }

  public Polity(TestNetwork network) {
    this.network = network;
    this.genesis = network.genesis();
    this.verifier = new StatementVerifier(SignatureRule.fastest(), genesis.networkId());
    this.rule = new DecisionRule(genesis, SignatureRule.fastest());
  }

  /** The governance key of member {@code m-name}. */
  public static Signer signer(String member) {
    return TestNetwork.signer("governance " + member.substring(2));
  }

  public DecisionChain chain() {
    return DecisionChain.of(genesis, SignatureRule.fastest());
  }

  public SignedBallot sign(Ballot ballot) {
    return sign(ballot, signer(ballot.member()));
  }

  SignedBallot sign(Ballot ballot, Signer signer) {
    try {
      return SignedBallot.verify(
          SignedBallot.sign(genesis.networkId(), ballot, signer).encoded(), verifier);
    } catch (DecodeException e) {
      throw new AssertionError(e);
    }
  }

  /** A ballot of round 0. */
  public static Ballot first(GovernanceState state, String member, Stance stance) {
    return new Ballot(state.epoch(), state.lastDecision(), 0, member, stance, "", Citations.NONE);
  }

  /** A ballot of a later round that cites {@code cited}. */
  static Ballot later(
      GovernanceState state, int round, String member, Stance stance, Map<String, Stance> cited) {
    return new Ballot(
        state.epoch(),
        state.lastDecision(),
        round,
        member,
        stance,
        "",
        Citations.of(cited, state.electorate()));
  }

  /** What these members say, all the same. */
  static Map<String, Stance> all(List<String> members, Stance stance) {
    Map<String, Stance> ballots = new TreeMap<>();
    members.forEach(member -> ballots.put(member, stance));
    return ballots;
  }

  Hash proposal(GovernanceState state, Action action) {
    return new Proposal(state.epoch(), action).id(genesis.networkId());
  }

  /** Everybody at once. */
  public Decision unanimous(GovernanceState state, Action action) {
    Stance stance = Stance.of(proposal(state, action));
    List<Bytes> ballots = new ArrayList<>();
    for (String member : state.electorate().members()) {
      ballots.add(sign(first(state, member, stance)).encoded());
    }
    return new Decision(state.epoch(), state.lastDecision(), 0, action, ballots);
  }

  /** The first quorum, in rounds 0 and 1. */
  public Decision confirmed(GovernanceState state, Action action) {
    Hash proposal = proposal(state, action);
    Electorate electorate = state.electorate();
    List<String> voters = electorate.members().subList(0, electorate.quorum());
    List<Bytes> ballots = new ArrayList<>();
    for (String member : voters) {
      ballots.add(
          sign(later(
                  state, 1, member, Stance.confirming(proposal), all(voters, Stance.of(proposal))))
              .encoded());
    }
    return new Decision(state.epoch(), state.lastDecision(), 1, action, ballots);
  }

  /** The chain after one more decision. */
  public DecisionChain decide(DecisionChain chain, Action action) {
    try {
      return chain.append(unanimous(chain.state(), action).encode());
    } catch (DecodeException e) {
      throw new AssertionError(e.code() + " " + e.getMessage(), e);
    }
  }

  void assertTaken(GovernanceState state, Decision decision) {
    DecisionRule.Verdict verdict = rule.check(decision.encode(), state);
    assertInstanceOf(DecisionRule.Taken.class, verdict, verdict.toString());
  }

  void assertRefused(String code, GovernanceState state, Decision decision) {
    assertEquals(code, refusal(rule.check(decision.encode(), state)));
  }

  static String refusal(DecisionRule.Verdict verdict) {
    return verdict instanceof DecisionRule.Refused refused ? refused.refusal().code() : "taken";
  }

  // Actions.

  public Action.SubmitEvidence evidence(String member, String node, long position) {
    Subject subject = new Subject.OfLog(genesis.origin(genesis.node(node).orElseThrow()));
    return new Action.SubmitEvidence(
        subject.fault(1, position),
        1,
        member,
        Optional.of(new Action.LogName(node, 0)),
        position,
        ROOT);
  }

  /** The member's word for new keys of its node. */
  public Bytes enrolment(NodeRecord record, Signer signer) {
    return Statement.sign(genesis.networkId(), NodeRecord.ENROLMENT_TYP, record.encode(), signer)
        .encoded();
  }

  /** The next incarnation of a node with keys of its own. */
  public static NodeRecord next(NodeRecord present) {
    String name = present.node() + "/" + (present.incarnation() + 1);
    return new NodeRecord(
        present.node(),
        present.member(),
        present.incarnation() + 1,
        TestNetwork.signer("log " + name).publicKey(),
        TestNetwork.signer("cosigner " + name).publicKey());
  }

  public Action.ApproveIncarnation approval(NodeRecord record) {
    return approval(enrolment(record, signer(record.member())));
  }

  Action.ApproveIncarnation approval(Bytes enrolment) {
    return new Action.ApproveIncarnation(
        enrolment,
        HEAD,
        ROOT,
        TestNetwork.FOUNDED_MILLIS + 5,
        List.of(new Action.Beyond(new Action.LogName("b", 0), 3, 2)));
  }
}
