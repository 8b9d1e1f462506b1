package org.probity.detector.evidence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.probity.detector.Seeded;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.Ballot;
import org.probity.detector.governance.BallotMark;
import org.probity.detector.governance.Citations;
import org.probity.detector.governance.DecisionRule;
import org.probity.detector.governance.Electorate;
import org.probity.detector.governance.GovernanceState;
import org.probity.detector.governance.Parameters;
import org.probity.detector.governance.Polity;
import org.probity.detector.governance.SignedBallot;
import org.probity.detector.governance.Stance;
import org.probity.detector.governance.Subject;
import org.probity.detector.node.TestNetwork;
import org.probity.detector.trust.Trust;
import org.probity.detector.trust.Verdict;

/** protocol.md §8.1, §13.3: DOUBLE_BALLOT names the member that voted twice, and nobody else. */
class DoubleBallotTest {
  private static final String MEMBER = "m-alpha";
  private static final Hash P = Hash.sha256(new byte[] {1});
  private static final Hash Q = Hash.sha256(new byte[] {2});
  private static final List<String> CITED = List.of("m-beta", "m-delta", "m-gamma");

  private final Court court = new Court();
  private final Polity polity = new Polity(court.network);
  private final GovernanceState state = polity.chain().state();
  private final Electorate electorate = state.electorate();
  private final Hash start = state.lastDecision();

  private Ballot ballot(long epoch, Hash previous, int round, Stance stance, String reason) {
    Map<String, Stance> cited = new TreeMap<>();
    CITED.forEach(member -> cited.put(member, Stance.of(P)));
    return new Ballot(
        epoch,
        previous,
        round,
        MEMBER,
        stance,
        reason,
        round == 0 ? Citations.NONE : Citations.of(cited, electorate));
  }

  private Ballot ballot(Stance stance) {
    return ballot(0, start, 1, stance, "");
  }

  private Bytes file(Ballot one, Ballot other) {
    return court.builder.doubleBallot(polity.sign(one), polity.sign(other));
  }

  private Verification.Proven assertProven(Bytes file) {
    Verification verification = court.verifier.verify(file);
    Verification.Proven proven =
        assertInstanceOf(Verification.Proven.class, verification, verification.toString());
    Evidence evidence = proven.evidence();
    assertEquals(MEMBER, evidence.member());
    assertEquals(Optional.empty(), evidence.node());
    assertEquals(MEMBER, evidence.accused());
    assertEquals("double_ballot", evidence.code());
    assertEquals(FaultKind.DOUBLE_BALLOT, evidence.faultId().kind());
    assertEquals(
        new Subject.OfMember(court.network.genesis().networkId(), MEMBER),
        evidence.faultId().subject());
    return proven;
  }

  @Test
  void provesEveryDifferenceOfSubstance() {
    Ballot first = ballot(Stance.of(P));
    for (Ballot other :
        List.of(
            ballot(Stance.of(Q)),
            ballot(Stance.NONE),
            ballot(Stance.confirming(P)),
            ballot(0, P, 1, Stance.of(P), ""))) {
      assertProven(file(first, other));
      assertEquals(file(first, other), file(other, first));
      Tampering.assertEveryBitMatters(court.verifier, file(first, other));
      Tampering.assertLengthMatters(court.verifier, file(first, other));
    }
  }

  @Test
  void explainsBothBallots() {
    EvidenceExplanation explanation =
        assertProven(file(ballot(Stance.of(P)), ballot(Stance.NONE))).explanation();
    assertEquals(
        "in epoch 0, round 1: a ballot for none after decision "
            + start
            + ", and a ballot for "
            + P
            + " after decision "
            + start,
        explanation.logged());
    assertEquals("one ballot in one epoch and round", explanation.expected());
    assertEquals(List.of(), explanation.checkpoints());
  }

  @Test
  void isOneFaultPerEpoch() {
    FaultId one =
        assertProven(file(ballot(Stance.of(P)), ballot(Stance.NONE))).evidence().faultId();
    assertEquals(
        one,
        assertProven(file(ballot(0, start, 0, Stance.of(P), ""), ballot(0, P, 0, Stance.NONE, "")))
            .evidence()
            .faultId());
    assertNotEquals(
        one,
        assertProven(file(ballot(1, P, 0, Stance.of(P), ""), ballot(1, P, 0, Stance.NONE, "")))
            .evidence()
            .faultId());
  }

  @Test
  void otherWordsProveNothing() {
    Ballot first = ballot(0, start, 1, Stance.of(P), "because");
    Ballot again = ballot(0, start, 1, Stance.of(P), "because of it");
    court.assertRejected("no_fault", file(first, again));
    court.assertRejected("no_fault", file(first, first));
    Ballot otherCitations =
        new Ballot(0, start, 1, MEMBER, Stance.of(P), "because", Citations.NONE);
    court.assertRejected("no_fault", file(first, otherCitations));
  }

  @Test
  void anotherRoundOrEpochProvesNothing() {
    Ballot first = ballot(Stance.of(P));
    court.assertRejected("no_fault", file(first, ballot(0, start, 2, Stance.of(Q), "")));
    court.assertRejected("no_fault", file(first, ballot(1, start, 1, Stance.of(Q), "")));
  }

  @Test
  void onlyTheMembersOwnKeyIncriminates() {
    SignedBallot first = polity.sign(ballot(Stance.of(P)));
    for (Signer other :
        List.of(Polity.signer("m-beta"), TestNetwork.signer("log alpha"), Court.CLIENT)) {
      SignedBallot forged = sign(ballot(Stance.of(Q)), other);
      court.assertRejected("ballot_wrong_signer", court.builder.doubleBallot(first, forged));
    }
    Ballot stranger = new Ballot(0, start, 0, "m-z", Stance.of(P), "", Citations.NONE);
    court.assertRejected("ballot_wrong_signer", file(stranger, stranger));
  }

  private SignedBallot sign(Ballot ballot, Signer signer) {
    Hash networkId = court.network.genesis().networkId();
    try {
      return SignedBallot.verify(
          SignedBallot.sign(networkId, ballot, signer).encoded(),
          new StatementVerifier(SignatureRule.fastest(), networkId));
    } catch (DecodeException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void twoMembersProveNothing() {
    Ballot beta = new Ballot(0, start, 1, "m-beta", Stance.of(Q), "", Citations.NONE);
    court.assertRejected("different_members", file(ballot(Stance.of(P)), beta));
  }

  @Test
  void hasOneOrder() {
    SignedBallot one = polity.sign(ballot(Stance.of(P)));
    SignedBallot other = polity.sign(ballot(Stance.of(Q)));
    boolean inOrder = BallotJudge.ORDER.compare(one, other) < 0;
    EvidenceFile.DoubleBallot wrong =
        new EvidenceFile.DoubleBallot(
            (inOrder ? other : one).encoded(), (inOrder ? one : other).encoded());
    court.assertRejected(
        "ballots_not_ordered",
        new EvidenceFile(court.network.genesis().networkId(), wrong).encode());
  }

  @Test
  void provesNothingInAnotherNetwork() {
    Court other = new Court(Parameters.of(0, 2));
    other.assertRejected("wrong_network", file(ballot(Stance.of(P)), ballot(Stance.of(Q))));
  }

  /** A1 for members: whatever a member signs in the order its mark allows. */
  @Test
  void neverNamesAMemberThatKeepsItsMark() {
    Seeded.run(
        30,
        random -> {
          Optional<BallotMark> mark = Optional.empty();
          List<Ballot> signed = new ArrayList<>();
          for (int i = 0; i < 12; i++) {
            Ballot ballot =
                ballot(
                    random.nextInt(2),
                    random.nextBoolean() ? start : P,
                    random.nextInt(2),
                    List.of(Stance.NONE, Stance.of(P), Stance.of(Q)).get(random.nextInt(3)),
                    "" + random.nextInt(2));
            Optional<BallotMark> next = BallotMark.next(mark, ballot);
            if (next.isPresent()) {
              mark = next;
              signed.add(ballot);
            }
          }
          for (Ballot one : signed) {
            for (Ballot other : signed) {
              court.assertRejected("no_fault", file(one, other));
            }
          }
        });
  }

  @Test
  void exposesNoNode() {
    Trust trust = new Trust();
    Evidence evidence = assertProven(file(ballot(Stance.of(P)), ballot(Stance.of(Q)))).evidence();
    trust.listen((node, proof) -> assertEquals("nobody", node));
    assertTrue(trust.learn(evidence));
    assertEquals(List.of(evidence), trust.proofs());
    assertEquals(Verdict.TRUSTED, trust.verdict("alpha"));
  }

  /** From the two ballots to a member without a vote. */
  @Test
  void canBePutOnRecord() {
    Evidence evidence = assertProven(file(ballot(Stance.of(P)), ballot(Stance.of(Q)))).evidence();
    Action.SubmitEvidence submit =
        new Action.SubmitEvidence(
            evidence.faultId().hash(),
            evidence.faultId().kind().code(),
            evidence.member(),
            Optional.empty(),
            evidence.faultId().position(),
            Hash.sha256(evidence.encoded().unsafeArray()));
    assertEquals(submit, evidence.submission());
    DecisionRule rule = new DecisionRule(court.network.genesis(), SignatureRule.fastest());
    assertEquals(Optional.empty(), rule.refusal(submit, state));
    assertEquals(CITED, polity.decide(polity.chain(), submit).state().electorate().members());
  }

  @Test
  void sizeDoesNotDependOnAnything() {
    String reason = "x".repeat(Ballot.MAX_REASON_BYTES);
    Bytes largest =
        file(ballot(0, start, 1, Stance.of(P), reason), ballot(0, start, 1, Stance.of(Q), reason));
    assertTrue(largest.size() <= 1_200, "" + largest.size());
    assertTrue(2 * Ballot.MAX_STATEMENT_BYTES + 100 < EvidenceVerifier.MAX_BYTES);
  }
}
