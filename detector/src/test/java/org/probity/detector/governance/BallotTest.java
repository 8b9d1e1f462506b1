package org.probity.detector.governance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.probity.detector.DecoderFuzz;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.PublicKey;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.TestKeys;
import org.probity.detector.log.DecisionEntry;
import org.probity.detector.log.Entry;

/** The values of governance: their bytes, their limits, and what may be signed twice. */
class BallotTest {
  private static final Hash ZERO = Hash.sha256();
  private static final Hash P = Hash.sha256(new byte[] {1});
  private static final Hash Q = Hash.sha256(new byte[] {2});

  private final Polity polity = new Polity("a", "b", "c", "d");
  private final GovernanceState state = polity.chain().state();

  private static Ballot ballot(long epoch, int round, Hash previous, Stance stance, String why) {
    return new Ballot(epoch, previous, round, "m-a", stance, why, Citations.NONE);
  }

  // The mark.

  @Test
  void aMarkMovesForwardOnly() {
    Ballot first = ballot(3, 1, ZERO, Stance.of(P), "");
    Optional<BallotMark> mark = BallotMark.next(Optional.empty(), first);
    assertEquals(Optional.of(first.mark()), mark);
    for (Ballot later :
        List.of(ballot(3, 2, ZERO, Stance.of(Q), ""), ballot(4, 0, P, Stance.NONE, ""))) {
      assertEquals(Optional.of(later.mark()), BallotMark.next(mark, later));
    }
    for (Ballot earlier :
        List.of(ballot(3, 0, ZERO, Stance.of(P), ""), ballot(2, 9, ZERO, Stance.of(P), ""))) {
      assertEquals(Optional.empty(), BallotMark.next(mark, earlier));
    }
  }

  @Test
  void aBallotMayBeSignedAgainInOtherWordsAndNotOtherwise() {
    Ballot first = ballot(3, 1, ZERO, Stance.of(P), "");
    Optional<BallotMark> mark = Optional.of(first.mark());
    assertEquals(mark, BallotMark.next(mark, first));
    assertEquals(mark, BallotMark.next(mark, ballot(3, 1, ZERO, Stance.of(P), "again")));
    for (Ballot other :
        List.of(
            ballot(3, 1, ZERO, Stance.of(Q), ""),
            ballot(3, 1, ZERO, Stance.NONE, ""),
            ballot(3, 1, ZERO, Stance.confirming(P), ""),
            ballot(3, 1, P, Stance.of(P), ""))) {
      assertEquals(Optional.empty(), BallotMark.next(mark, other));
      assertTrue(mark.get().conflictsWith(other.mark()));
    }
  }

  /** Whatever the mark lets through can never prove anything against the member. */
  @Test
  void whatTheMarkAllowsNeverConflicts() {
    List<Ballot> universe = new ArrayList<>();
    for (long epoch = 0; epoch < 2; epoch++) {
      for (int round = 0; round < 2; round++) {
        for (Stance stance : List.of(Stance.NONE, Stance.of(P), Stance.confirming(P))) {
          universe.add(ballot(epoch, round, ZERO, stance, "x"));
          universe.add(ballot(epoch, round, P, stance, "y"));
        }
      }
    }
    signAll(universe, Optional.empty(), new ArrayList<>(), 3);
  }

  private static void signAll(
      List<Ballot> universe, Optional<BallotMark> mark, List<BallotMark> signed, int depth) {
    for (Ballot ballot : depth == 0 ? List.<Ballot>of() : universe) {
      Optional<BallotMark> next = BallotMark.next(mark, ballot);
      if (next.isPresent()) {
        assertFalse(signed.stream().anyMatch(ballot.mark()::conflictsWith));
        signed.add(ballot.mark());
        signAll(universe, next, signed, depth - 1);
        signed.remove(signed.size() - 1);
      }
    }
  }

  // Bytes.

  static List<Action> oneOfEach(Polity polity) {
    return List.of(
        polity.evidence("m-a", "a", 3),
        new Action.SubmitEvidence(P, 5, "m-a", Optional.empty(), 3, Q),
        new Action.SuspendNode("a"),
        new Action.RevokeNode("a", Polity.HEAD, List.of()),
        new Action.ReadmitNode("a", true),
        polity.approval(Polity.next(polity.network.node("a"))),
        new Action.SetParameters(Parameters.of(1, 3)),
        new Action.ReassignWitnesses());
  }

  @Test
  void whatDecodesIsWhatWasEncoded() {
    List<Action> actions = oneOfEach(polity);
    DecoderFuzz.run(
        300, actions.stream().map(Action::encode).toList(), Action::decode, Action::encode);
    DecoderFuzz.run(
        300,
        actions.stream().map(action -> new Proposal(3, action).encode()).toList(),
        Proposal::decode,
        Proposal::encode);
    Map<String, Stance> cited = new TreeMap<>();
    cited.put("m-a", Stance.of(P));
    cited.put("m-b", Stance.confirming(P));
    cited.put("m-c", Stance.NONE);
    DecoderFuzz.run(
        1_000,
        List.of(
            Polity.first(state, "m-a", Stance.NONE).encode(),
            Polity.first(state, "m-a", Stance.of(P)).encode(),
            Polity.later(state, 2, "m-a", Stance.of(P), cited).encode()),
        Ballot::decode,
        Ballot::encode);
    DecoderFuzz.run(
        500,
        List.of(
            polity.unanimous(state, actions.get(0)).encode(),
            polity.confirmed(state, actions.get(0)).encode()),
        Decision::decode,
        Decision::encode);
    DecoderFuzz.run(
        500,
        List.of(ballot(3, 2, ZERO, Stance.confirming(P), "").mark().encode()),
        BallotMark::decode,
        BallotMark::encode);
  }

  @Test
  void refusesWhatHasNoMeaning() throws DecodeException {
    assertCode("unknown_action", () -> Action.decode(Bytes.fromHex("820780")));
    assertCode("unknown_action", () -> Action.decode(Bytes.fromHex("820d80")));
    assertCode("action_too_large", () -> Action.decode(Bytes.wrap(new byte[Action.MAX_BYTES + 1])));
    assertCode(
        "decision_too_large", () -> Decision.decode(Bytes.wrap(new byte[Decision.MAX_BYTES + 1])));
    Stance none = Stance.read(new CborReader(Bytes.fromHex("8000")));
    assertEquals(Stance.NONE, none);
    assertCode("confirms_nothing", () -> Stance.read(new CborReader(Bytes.fromHex("8001"))));
    Map<String, Stance> cited = Polity.all(List.of("m-a", "m-b", "m-c"), Stance.of(P));
    Ballot late = Polity.later(state, 1, "m-a", Stance.confirming(P), cited);
    assertCode("bad_citation", () -> Ballot.decode(inRoundZero(late)));
  }

  private static Bytes inRoundZero(Ballot late) {
    return new Ballot(
            late.epoch(),
            late.previous(),
            0,
            late.member(),
            late.stance(),
            late.reason(),
            late.citations())
        .encode();
  }

  @Test
  void aReasonHasALimit() {
    ballot(0, 0, ZERO, Stance.NONE, "x".repeat(Ballot.MAX_REASON_BYTES));
    assertThrows(
        IllegalArgumentException.class,
        () -> ballot(0, 0, ZERO, Stance.NONE, "x".repeat(Ballot.MAX_REASON_BYTES + 1)));
  }

  /** What limits the number of members: everyone writes as much as they may. */
  @Test
  void theLargestDecisionFitsAnEntry() throws DecodeException {
    TreeMap<String, PublicKey> keys = new TreeMap<>();
    for (int i = 0; i < Electorate.MAX_MEMBERS; i++) {
      keys.put("member-" + (1000 + i) + "-" + "x".repeat(19), TestKeys.numbered(i).publicKey());
    }
    Electorate electorate = new Electorate(keys);
    assertEquals(31, electorate.members().get(0).length());
    Action action = largestAction();
    assertTrue(action.encode().size() <= Action.MAX_BYTES, "" + action.encode().size());
    Bytes enough = Bytes.wrap(new byte[Action.MAX_BYTES - action.encode().size()]);
    for (int round : new int[] {0, Ballot.MAX_ROUND}) {
      Decision decision =
          new Decision(Long.MAX_VALUE, ZERO, round, action, largestBallots(electorate, round));
      int size = decision.encode().size() + enough.size();
      assertTrue(size <= Decision.MAX_BYTES, round + ": " + size);
      assertEquals(decision, Decision.decode(decision.encode()));
    }
    int around =
        Entry.of(Long.MAX_VALUE, ZERO, new DecisionEntry(Bytes.wrap(new byte[Decision.MAX_BYTES])))
                .bytes()
                .size()
            - Decision.MAX_BYTES;
    assertTrue(Decision.MAX_BYTES + around <= Entry.MAX_BYTES, "around " + around);
  }

  private Action largestAction() {
    List<Action.Beyond> beyond = new ArrayList<>();
    for (int i = 0; i < Action.ApproveIncarnation.MAX_BEYOND; i++) {
      String peer = "node-" + (1000 + i) + "-" + "x".repeat(21);
      beyond.add(
          new Action.Beyond(
              new Action.LogName(peer, Long.MAX_VALUE), Long.MAX_VALUE, Long.MAX_VALUE));
    }
    NodeRecord next = Polity.next(polity.network.node("a"));
    return new Action.ApproveIncarnation(
        polity.enrolment(next, Polity.signer("m-a")),
        Polity.HEAD,
        Polity.ROOT,
        Long.MAX_VALUE,
        beyond);
  }

  private List<Bytes> largestBallots(Electorate electorate, int round) {
    List<String> all = electorate.members();
    Map<String, Stance> cited = new TreeMap<>();
    for (int i = 0; i < all.size(); i++) {
      cited.put(all.get(i), i % 2 == 0 ? Stance.of(P) : Stance.confirming(P));
    }
    List<Bytes> ballots = new ArrayList<>();
    for (int i = 0; i < RoundRule.ballotsToDecide(all.size(), round); i++) {
      Ballot ballot =
          new Ballot(
              Long.MAX_VALUE,
              ZERO,
              round,
              all.get(i),
              RoundRule.deciding(round, P),
              "x".repeat(Ballot.MAX_REASON_BYTES),
              round == 0 ? Citations.NONE : Citations.of(cited, electorate));
      ballots.add(
          SignedBallot.sign(polity.genesis.networkId(), ballot, Signer.of(TestKeys.numbered(i)))
              .encoded());
    }
    return ballots;
  }

  @Test
  void electorsAreBits() throws DecodeException {
    Electorate electorate = state.electorate();
    Bytes bits = electorate.bits(List.of("m-d", "m-a"));
    assertEquals("09", bits.toHex());
    assertEquals(List.of("m-a", "m-d"), electorate.members(bits));
    assertCode("bad_citation", () -> electorate.members(Bytes.fromHex("19")));
    assertCode("bad_citation", () -> electorate.members(Bytes.fromHex("0900")));
    assertCode("bad_citation", () -> electorate.members(Bytes.EMPTY));
    assertThrows(IllegalArgumentException.class, () -> electorate.bits(List.of("m-z")));
  }

  @Test
  void nobodyIsCitedTwiceAndNobodyElse() {
    Citations twice =
        new Citations(
            List.of(
                new Citations.Group(Stance.of(P), Bytes.fromHex("03")),
                new Citations.Group(Stance.of(Q), Bytes.fromHex("06"))));
    assertCode("bad_citation", () -> twice.resolve(state.electorate()));
    Citations nobody =
        new Citations(List.of(new Citations.Group(Stance.of(P), Bytes.fromHex("00"))));
    assertCode("bad_citation", () -> nobody.resolve(state.electorate()));
  }

  @Test
  void whatManyProposeIsOneProposal() {
    Proposal proposal = new Proposal(2, new Action.SuspendNode("a"));
    Hash network = polity.genesis.networkId();
    assertEquals(proposal.id(network), proposal.sign(network, polity.network.logKey("a")).id());
    assertEquals(
        proposal.sign(network, polity.network.logKey("a")).id(),
        proposal.sign(network, Polity.signer("m-b")).id());
    assertFalse(proposal.id(network).equals(new Proposal(3, proposal.action()).id(network)));
  }

  private static void assertCode(String code, Executable call) {
    assertEquals(code, assertThrows(DecodeException.class, call).code());
  }
}
