package org.probity.detector.governance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.Signer;
import org.probity.detector.log.TreeHead;
import org.probity.detector.node.TestNetwork;

/** protocol.md §13: what a decision takes, what it changes, and what every guard is for. */
class DecisionRuleTest {
  private final Polity polity = new Polity("a", "b", "c", "d");
  private final DecisionChain chain = polity.chain();
  private final GovernanceState state = chain.state();
  private final Action suspendA = new Action.SuspendNode("a");
  private final Action suspendB = new Action.SuspendNode("b");
  private final Stance forA = Stance.of(polity.proposal(state, suspendA));
  private final Stance confirmsA = Stance.confirming(polity.proposal(state, suspendA));

  // Decisions.

  @Test
  void everybodyAtOnceOrAQuorumThatConfirms() {
    polity.assertTaken(state, polity.unanimous(state, suspendA));
    polity.assertTaken(state, polity.confirmed(state, suspendA));
  }

  @Test
  void isOneDecisionWhoeverShowsIt() {
    Decision one = polity.unanimous(state, suspendA);
    Decision other = polity.confirmed(state, suspendA);
    Hash network = polity.genesis.networkId();
    assertEquals(one.id(network), other.id(network));
    assertNotEquals(one.id(network), polity.unanimous(state, suspendB).id(network));
  }

  @Test
  void takesExactlyTheBallotsItNeeds() {
    for (Decision decision :
        List.of(polity.unanimous(state, suspendA), polity.confirmed(state, suspendA))) {
      List<Bytes> fewer = decision.ballots().subList(1, decision.ballots().size());
      polity.assertRefused("ballot_count", state, with(decision, fewer));
    }
    Decision confirmed = polity.confirmed(state, suspendA);
    List<Bytes> more = new ArrayList<>(confirmed.ballots());
    more.add(confirming("m-d", List.of("m-a", "m-b", "m-c")).encoded());
    polity.assertRefused("ballot_count", state, with(confirmed, more));
  }

  @Test
  void takesEveryMemberOnce() {
    Decision decision = polity.confirmed(state, suspendA);
    polity.assertRefused(
        "ballot_order", state, with(decision, Collections.nCopies(3, decision.ballots().get(0))));
    List<Bytes> reversed = new ArrayList<>(decision.ballots());
    Collections.reverse(reversed);
    polity.assertRefused("ballot_order", state, with(decision, reversed));
  }

  @Test
  void takesBallotsThatConfirm() {
    Map<String, Stance> split = new TreeMap<>(Polity.all(List.of("m-a", "m-b", "m-c"), forA));
    split.put("m-d", Stance.NONE);
    SignedBallot plain = polity.sign(Polity.later(state, 1, "m-a", forA, split));
    polity.assertRefused(
        "ballot_for_other", state, replaceFirst(polity.confirmed(state, suspendA), plain));
  }

  @Test
  void takesBallotsForThisProposal() {
    Stance forB = Stance.of(polity.proposal(state, suspendB));
    SignedBallot other = polity.sign(Polity.first(state, "m-a", forB));
    polity.assertRefused(
        "ballot_for_other", state, replaceFirst(polity.unanimous(state, suspendA), other));
  }

  @Test
  void takesBallotsOfItsRound() {
    Decision decision = polity.confirmed(state, suspendA);
    SignedBallot early = polity.sign(Polity.first(state, "m-a", forA));
    polity.assertRefused("wrong_round", state, replaceFirst(decision, early));
  }

  @Test
  void takesNoConfirmationWithoutItsQuorum() {
    SignedBallot bare = confirming("m-a", List.of("m-a", "m-b"));
    polity.assertRefused(
        "quorum_missing", state, replaceFirst(polity.confirmed(state, suspendA), bare));
    Map<String, Stance> split = Polity.all(List.of("m-a", "m-b"), forA);
    split.put("m-c", Stance.NONE);
    SignedBallot lie = polity.sign(Polity.later(state, 1, "m-a", confirmsA, split));
    polity.assertRefused(
        "stance_not_allowed", state, replaceFirst(polity.confirmed(state, suspendA), lie));
  }

  @Test
  void takesTheMembersOwnKeys() {
    SignedBallot forged = polity.sign(Polity.first(state, "m-a", forA), Polity.signer("m-b"));
    polity.assertRefused(
        "wrong_signer", state, replaceFirst(polity.unanimous(state, suspendA), forged));
    SignedBallot stranger =
        polity.sign(Polity.first(state, "m-0", forA), TestNetwork.signer("log a"));
    polity.assertRefused(
        "not_an_elector", state, replaceFirst(polity.unanimous(state, suspendA), stranger));
  }

  @Test
  void takesNoBallotOfAnotherEpochOrPast() {
    DecisionChain later = polity.decide(chain, suspendB);
    Decision stale = polity.unanimous(state, suspendA);
    polity.assertRefused("wrong_epoch", later.state(), stale);
    Decision relabelled =
        new Decision(1, later.state().lastDecision(), 0, suspendA, stale.ballots());
    polity.assertRefused("wrong_epoch", later.state(), relabelled);

    DecisionChain other = polity.decide(chain, suspendA);
    Decision split = polity.unanimous(other.state(), new Action.SuspendNode("c"));
    polity.assertRefused("wrong_previous", later.state(), split);
    Decision moved =
        new Decision(1, later.state().lastDecision(), 0, split.action(), split.ballots());
    polity.assertRefused("wrong_previous", later.state(), moved);
  }

  @Test
  void refusesBallotsOfAnotherConsortium() {
    Polity stranger = new Polity("a", "b", "c", "d", "e");
    SignedBallot foreign = stranger.sign(Polity.first(state, "m-a", forA));
    polity.assertRefused(
        "statement_wrong_network", state, replaceFirst(polity.unanimous(state, suspendA), foreign));
  }

  @Test
  void appliesNothingToAnotherState() {
    DecisionRule.Taken taken =
        (DecisionRule.Taken) polity.rule.check(polity.unanimous(state, suspendA).encode(), state);
    GovernanceState later = polity.decide(chain, suspendB).state();
    assertThrows(IllegalStateException.class, () -> polity.rule.apply(taken.decision(), later));
  }

  // Effects.

  @Test
  void suspendsRevokesAndReadmits() {
    DecisionChain suspended = polity.decide(chain, suspendA);
    assertEquals(new NodeStanding.Suspended(0), suspended.state().standing("a"));
    assertEquals(new NodeStanding.Active(), suspended.state().standing("b"));
    assertEquals(1, suspended.state().epoch());
    assertEquals(suspended.decisions().get(0).id(), suspended.state().lastDecision());

    DecisionChain readmitted = polity.decide(suspended, new Action.ReadmitNode("a", false));
    assertEquals(new NodeStanding.Active(), readmitted.state().standing("a"));

    DecisionChain revoked =
        polity.decide(suspended, new Action.RevokeNode("a", Polity.HEAD, List.of()));
    assertEquals(new NodeStanding.Revoked(1, Polity.HEAD), revoked.state().standing("a"));
  }

  @Test
  void evidenceTakesTheVoteFromTheNextEpochOn() {
    Action evidence = polity.evidence("m-a", "a", 3);
    assertEquals(4, state.electorate().size());
    DecisionChain recorded = polity.decide(chain, evidence);
    assertEquals(List.of("m-b", "m-c", "m-d"), recorded.state().electorate().members());
    assertEquals(Optional.of(0L), recorded.state().named("m-a"));
    assertTrue(recorded.state().isRecorded(((Action.SubmitEvidence) evidence).fault()));

    DecisionChain restored = polity.decide(recorded, new Action.ReadmitNode("a", true));
    assertEquals(4, restored.state().electorate().size());
    assertTrue(restored.state().isRecorded(((Action.SubmitEvidence) evidence).fault()));
  }

  @Test
  void electorateIsTheSameWhomeverAProposalAccuses() {
    Decision without = polity.unanimous(state, suspendA);
    // Without the accused there are three, all of them for it; that is no decision.
    polity.assertRefused("ballot_count", state, with(without, without.ballots().subList(1, 4)));
  }

  @Test
  void approvesAnIncarnation() {
    NodeRecord next = Polity.next(polity.network.node("a"));
    DecisionChain approved = polity.decide(chain, polity.approval(next));
    GovernanceState after = approved.state();
    assertEquals(Optional.of(next), after.node("a"));
    assertEquals(
        Optional.of(new GovernanceState.Closed(polity.network.node("a"), Polity.HEAD)),
        after.closed("a", 0));
    assertEquals(
        Optional.of(new GovernanceState.Beginning(Polity.ROOT, TestNetwork.FOUNDED_MILLIS + 5)),
        after.beginning("a", 1));
    assertEquals(Optional.empty(), after.closed("a", 1));
    assertEquals(Optional.of(next), approved.decisions().get(0).enrolled());
  }

  @Test
  void setsParametersAndAdvancesTheRotation() {
    Parameters parameters = Parameters.of(1, 3);
    DecisionChain set = polity.decide(chain, new Action.SetParameters(parameters));
    assertEquals(parameters, set.state().parameters());
    assertEquals(0, set.state().rotation());
    DecisionChain drawn = polity.decide(set, new Action.ReassignWitnesses());
    assertEquals(1, drawn.state().rotation());
    assertEquals(2, drawn.state().epoch());
  }

  // Actions refused, each with its code.

  @Test
  void refusesActionsOnNodesThatCannotTakeThem() {
    assertActionRefused("unknown_node", chain, new Action.SuspendNode("z"));
    assertActionRefused("unknown_node", chain, new Action.RevokeNode("z", Polity.HEAD, List.of()));
    assertActionRefused("unknown_node", chain, new Action.ReadmitNode("z", false));
    assertActionRefused(
        "node_not_suspended", chain, new Action.RevokeNode("a", Polity.HEAD, List.of()));
    assertActionRefused("node_not_suspended", chain, new Action.ReadmitNode("a", false));
    assertActionRefused("vote_not_lost", chain, new Action.ReadmitNode("a", true));
    DecisionChain suspended = polity.decide(chain, suspendA);
    assertActionRefused("node_not_active", suspended, suspendA);
    assertActionRefused(
        "log_empty", suspended, new Action.RevokeNode("a", TreeHead.EMPTY, List.of()));
    DecisionChain revoked =
        polity.decide(suspended, new Action.RevokeNode("a", Polity.HEAD, List.of()));
    assertActionRefused("node_not_active", revoked, suspendA);
    assertActionRefused(
        "node_not_suspended", revoked, new Action.RevokeNode("a", Polity.HEAD, List.of()));
    assertActionRefused("node_revoked", revoked, new Action.ReadmitNode("a", false));
    assertActionRefused(
        "node_revoked", revoked, polity.approval(Polity.next(polity.network.node("a"))));
  }

  @Test
  void refusesEvidenceThatNamesNobody() {
    Action.SubmitEvidence good = polity.evidence("m-a", "a", 3);
    assertActionRefused("unknown_member", chain, polity.evidence("m-z", "a", 3));
    assertActionRefused("wrong_member", chain, polity.evidence("m-b", "a", 3));
    assertActionRefused(
        "fault_id_differs",
        chain,
        new Action.SubmitEvidence(good.fault(), 2, "m-a", good.log(), 3, good.file()));
    assertActionRefused(
        "fault_id_differs",
        chain,
        new Action.SubmitEvidence(good.fault(), 1, "m-a", Optional.empty(), 3, good.file()));
    assertActionRefused("unknown_node", chain, onLog(good, new Action.LogName("z", 0)));
    assertActionRefused("unknown_incarnation", chain, onLog(good, new Action.LogName("a", 1)));
    assertActionRefused("fault_known", polity.decide(chain, good), good);
  }

  private static Action onLog(Action.SubmitEvidence it, Action.LogName log) {
    return new Action.SubmitEvidence(
        it.fault(), it.kind(), it.member(), Optional.of(log), it.position(), it.file());
  }

  @Test
  void neverTakesTheLastVote() {
    Polity two = new Polity("a", "b");
    DecisionChain one = two.decide(two.chain(), two.evidence("m-a", "a", 1));
    assertEquals(
        Optional.of("no_elector_left"),
        two.rule.refusal(two.evidence("m-b", "b", 1), one.state()).map(Refusal::code));
    // A second fault of one that has no vote any more changes no electorate.
    two.decide(one, two.evidence("m-a", "a", 2));
  }

  @Test
  void refusesKeysTheMemberDidNotCountersign() {
    NodeRecord next = Polity.next(polity.network.node("a"));
    assertActionRefused(
        "enrolment_invalid", chain, polity.approval(polity.enrolment(next, Polity.signer("m-b"))));
    Bytes enrolment = polity.enrolment(next, Polity.signer("m-a"));
    byte[] flipped = enrolment.toArray();
    flipped[flipped.length - 1] ^= 1;
    assertActionRefused("statement_bad_signature", chain, polity.approval(Bytes.wrap(flipped)));
  }

  @Test
  void refusesRecordsThatDoNotFollow() {
    NodeRecord a = polity.network.node("a");
    NodeRecord next = Polity.next(a);
    assertActionRefused("wrong_incarnation", chain, polity.approval(Polity.next(next)));
    assertActionRefused("wrong_incarnation", chain, polity.approval(a));
    assertActionRefused(
        "unknown_node",
        chain,
        polity.approval(new NodeRecord("z", "m-a", 1, next.logKey(), next.cosignerKey())));
    assertActionRefused(
        "wrong_member",
        chain,
        polity.approval(new NodeRecord("a", "m-b", 1, next.logKey(), next.cosignerKey())));
    Action.ApproveIncarnation good = polity.approval(next);
    assertActionRefused(
        "log_empty", chain, change(good, TreeHead.EMPTY, good.minTickMillis(), good.beyond()));
    assertActionRefused(
        "tick_before_founding",
        chain,
        change(good, good.close(), TestNetwork.FOUNDED_MILLIS - 1, good.beyond()));
    assertActionRefused(
        "unknown_node",
        chain,
        change(
            good,
            good.close(),
            good.minTickMillis(),
            List.of(new Action.Beyond(new Action.LogName("z", 0), 1, 1))));
  }

  private static Action change(
      Action.ApproveIncarnation it, TreeHead close, long tick, List<Action.Beyond> beyond) {
    return new Action.ApproveIncarnation(it.enrolment(), close, it.initialRoot(), tick, beyond);
  }

  @Test
  void aNodeMayKeepItsKeysAndTakeNobodyElses() {
    NodeRecord a = polity.network.node("a");
    NodeRecord b = polity.network.node("b");
    NodeRecord next = Polity.next(a);
    polity.decide(
        chain, polity.approval(new NodeRecord("a", "m-a", 1, a.logKey(), a.cosignerKey())));
    List<NodeRecord> bad =
        List.of(
            new NodeRecord("a", "m-a", 1, next.logKey(), next.logKey()),
            new NodeRecord("a", "m-a", 1, a.cosignerKey(), next.cosignerKey()),
            new NodeRecord("a", "m-a", 1, next.logKey(), b.cosignerKey()),
            new NodeRecord("a", "m-a", 1, b.logKey(), next.cosignerKey()),
            new NodeRecord("a", "m-a", 1, Polity.signer("m-c").publicKey(), next.cosignerKey()));
    for (NodeRecord record : bad) {
      assertActionRefused("duplicate_key", chain, polity.approval(record));
    }
    DecisionChain taken = polity.decide(chain, polity.approval(next));
    assertActionRefused(
        "duplicate_key",
        taken,
        polity.approval(
            new NodeRecord("b", "m-b", 1, Polity.next(b).logKey(), next.cosignerKey())));
  }

  @Test
  void refusesParametersThatDoNotFit() {
    assertActionRefused(
        "nothing_changes", chain, new Action.SetParameters(polity.genesis.parameters()));
    assertActionRefused("too_few_members", chain, new Action.SetParameters(Parameters.of(1, 4)));
  }

  /** Seats that are asked for must find members; whoever asks for no more is never refused. */
  @Test
  void refusesSeatsThatNobodyCanTake() {
    // f = 0, w = 1, and four members with one node each.
    Action three = new Action.SetParameters(Parameters.of(0, 3));
    polity.decide(chain, three);
    DecisionChain suspended = polity.decide(chain, suspendA);
    assertActionRefused("too_few_members", suspended, three);
    DecisionChain two = polity.decide(suspended, new Action.SetParameters(Parameters.of(0, 2)));
    DecisionChain left = polity.decide(two, suspendB);
    assertActionRefused("too_few_members", left, new Action.SetParameters(Parameters.of(1, 2)));
    polity.decide(left, new Action.SetParameters(horizon(Parameters.of(0, 2), 5_000)));
    polity.decide(left, new Action.SetParameters(Parameters.of(0, 1)));
  }

  private static Parameters horizon(Parameters it, long millis) {
    return new Parameters(
        it.faults(),
        it.witnesses(),
        it.cosignatures(),
        it.bootAnswers(),
        it.maxBatchEntries(),
        it.maxBatchBytes(),
        it.chunkEntries(),
        millis);
  }

  // Proposals.

  @Test
  void membersAndTheirNodesPropose() throws DecodeException {
    Proposal proposal = new Proposal(0, suspendA);
    for (Signer signer : List.of(Polity.signer("m-b"), polity.network.logKey("b"))) {
      assertEquals(proposal, polity.rule.open(signed(proposal, signer), state));
    }
    assertNotOpened("unknown_proposer", state, signed(proposal, TestNetwork.signer("nobody")));
    assertNotOpened("unknown_proposer", state, signed(proposal, TestNetwork.signer("cosigner b")));
    GovernanceState stopped = polity.decide(chain, suspendA).state();
    Proposal next = new Proposal(1, suspendB);
    assertNotOpened("unknown_proposer", stopped, signed(next, polity.network.logKey("a")));
    assertEquals(next, polity.rule.open(signed(next, Polity.signer("m-a")), stopped));
    assertNotOpened("wrong_epoch", stopped, signed(proposal, Polity.signer("m-b")));
    assertNotOpened(
        "node_not_active", stopped, signed(new Proposal(1, suspendA), Polity.signer("m-b")));
    assertNotOpened(
        "proposal_too_large", state, Bytes.wrap(new byte[DecisionRule.MAX_PROPOSAL_BYTES + 1]));
  }

  @Test
  void aNewIncarnationProposesWithItsNewKey() throws DecodeException {
    NodeRecord next = Polity.next(polity.network.node("a"));
    GovernanceState after = polity.decide(chain, polity.approval(next)).state();
    Proposal proposal = new Proposal(1, suspendB);
    polity.rule.open(signed(proposal, TestNetwork.signer("log a/1")), after);
    assertNotOpened("unknown_proposer", after, signed(proposal, polity.network.logKey("a")));
  }

  private Bytes signed(Proposal proposal, Signer signer) {
    return proposal.sign(polity.genesis.networkId(), signer).encoded();
  }

  private void assertNotOpened(String code, GovernanceState at, Bytes statement) {
    assertEquals(
        code, assertThrows(DecodeException.class, () -> polity.rule.open(statement, at)).code());
  }

  // Keys.

  @Test
  void attributionIsMonotone() {
    NodeRecord founding = polity.network.node("a");
    NodeRecord next = Polity.next(founding);
    DecisionChain longer = polity.decide(chain, polity.approval(next));
    longer = polity.decide(longer, suspendA);
    longer = polity.decide(longer, new Action.RevokeNode("a", Polity.HEAD, List.of()));

    assertEquals(Optional.empty(), KeyHistory.of(chain).node("a", 1));
    KeyHistory history = KeyHistory.of(longer);
    assertEquals(Optional.of(founding), history.node("a", 0));
    assertEquals(Optional.of(next), history.node("a", 1));
    assertEquals(Optional.of(polity.network.node("b")), history.node("b", 0));
    assertTrue(history.governs("m-a", Polity.signer("m-a").publicKey()));
    assertFalse(history.governs("m-a", Polity.signer("m-b").publicKey()));
    assertFalse(history.governs("m-z", Polity.signer("m-a").publicKey()));
  }

  @Test
  void chainHasNoGaps() {
    DecisionChain one = polity.decide(chain, suspendA);
    DecisionChain two = polity.decide(one, suspendB);
    DecodeException gap =
        assertThrows(DecodeException.class, () -> chain.append(two.decisions().get(1).encoded()));
    assertEquals("wrong_epoch", gap.code());
  }

  private void assertActionRefused(String code, DecisionChain at, Action action) {
    GovernanceState now = at.state();
    assertEquals(Optional.of(code), polity.rule.refusal(action, now).map(Refusal::code));
    polity.assertRefused(code, now, polity.unanimous(now, action));
  }

  private SignedBallot confirming(String member, List<String> cited) {
    return polity.sign(Polity.later(state, 1, member, confirmsA, Polity.all(cited, forA)));
  }

  private static Decision with(Decision decision, List<Bytes> ballots) {
    return new Decision(
        decision.epoch(), decision.previous(), decision.round(), decision.action(), ballots);
  }

  private static Decision replaceFirst(Decision decision, SignedBallot ballot) {
    List<Bytes> ballots = new ArrayList<>(decision.ballots());
    ballots.set(0, ballot.encoded());
    return with(decision, ballots);
  }
}
