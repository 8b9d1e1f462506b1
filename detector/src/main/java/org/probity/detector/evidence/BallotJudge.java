package org.probity.detector.evidence;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.governance.Ballot;
import org.probity.detector.governance.BallotMark;
import org.probity.detector.governance.KeyHistory;
import org.probity.detector.governance.SignedBallot;
import org.probity.detector.governance.Stance;
import org.probity.detector.governance.Subject;

/**
 * Judges DOUBLE_BALLOT: two different ballots of one member in one round (protocol.md §8.1, §13.3).
 *
 * <p>Different is what {@link BallotMark#conflictsWith} says. Whether either ballot counts is not
 * asked: a correct member signs no second one, void or not.
 */
final class BallotJudge {
  static final String CODE = "double_ballot";

  /** So that two ballots have one order. */
  static final Comparator<SignedBallot> ORDER =
      Comparator.comparing(signed -> signed.ballot().mark().encode());

  private final Hash networkId;
  private final KeyHistory keys;
  private final StatementVerifier statements;

  BallotJudge(Hash networkId, KeyHistory keys, StatementVerifier statements) {
    this.networkId = networkId;
    this.keys = keys;
    this.statements = statements;
  }

  /** Two signature verifications. */
  Judgement judge(EvidenceFile.DoubleBallot file) throws DecodeException {
    SignedBallot first = attribute(SignedBallot.verify(file.first(), statements));
    SignedBallot second = attribute(SignedBallot.verify(file.second(), statements));
    Ballot ballot = first.ballot();
    if (!ballot.member().equals(second.ballot().member())) {
      throw new DecodeException("different_members", "ballots of two members");
    }
    if (!ballot.mark().conflictsWith(second.ballot().mark())) {
      throw new DecodeException("no_fault", "the two ballots do not differ, or not in one round");
    }
    if (ORDER.compare(first, second) > 0) {
      throw new DecodeException("ballots_not_ordered", "the larger ballot comes second");
    }
    return new Judgement(
        new Culprit(new Subject.OfMember(networkId, ballot.member()), ballot.member()),
        List.of(),
        Optional.empty(),
        ballot.epoch(),
        CODE,
        List.of(),
        "in epoch "
            + ballot.epoch()
            + ", round "
            + ballot.round()
            + ": "
            + text(ballot)
            + ", and "
            + text(second.ballot()),
        "one ballot in one epoch and round",
        Optional.empty());
  }

  private SignedBallot attribute(SignedBallot signed) throws DecodeException {
    // SPEC protocol.md §2.4: a member speaks by its governance key and nobody else's.
    if (!keys.governs(signed.ballot().member(), signed.signer())) {
      throw new DecodeException(
          "ballot_wrong_signer", "not signed by member " + signed.ballot().member());
    }
    return signed;
  }

  private static String text(Ballot ballot) {
    Stance stance = ballot.stance();
    String choice = stance.choice().map(Hash::toHex).orElse("none");
    return "a ballot for "
        + choice
        + (stance.confirms() ? " that confirms" : "")
        + " after decision "
        + ballot.previous();
  }
}
