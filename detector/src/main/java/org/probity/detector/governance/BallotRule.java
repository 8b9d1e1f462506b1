package org.probity.detector.governance;

import java.util.Map;
import java.util.Optional;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;

/** When a ballot counts in an epoch (protocol.md §13.3). Pure; linear in the electorate. */
public final class BallotRule {
  private BallotRule() {}

  /**
   * Why a ballot is void, whatever else was cast: {@code wrong_epoch}, {@code wrong_previous},
   * {@code not_an_elector}, {@code wrong_signer}, {@code bad_citation}, {@code quorum_missing},
   * {@code stance_not_allowed}. Whether the ballots it cites exist is for {@link Poll} to say.
   */
  public static Optional<Refusal> refusal(
      SignedBallot signed, long epoch, Hash previous, Electorate electorate) {
    Ballot ballot = signed.ballot();
    if (ballot.epoch() != epoch) {
      return refused("wrong_epoch", "a ballot of epoch " + ballot.epoch() + ", not " + epoch);
    }
    if (!ballot.previous().equals(previous)) {
      return refused("wrong_previous", "follows decision " + ballot.previous());
    }
    if (!electorate.has(ballot.member())) {
      return refused("not_an_elector", ballot.member() + " has no vote in epoch " + epoch);
    }
    // SPEC protocol.md §2.4: a member speaks by its governance key and nobody else's.
    if (!electorate.key(ballot.member()).equals(Optional.of(signed.signer()))) {
      return refused("wrong_signer", "not signed by " + ballot.member());
    }
    try {
      return stanceRefusal(ballot, electorate);
    } catch (DecodeException e) {
      return refused(e.code(), String.valueOf(e.getMessage()));
    }
  }

  private static Optional<Refusal> stanceRefusal(Ballot ballot, Electorate electorate)
      throws DecodeException {
    Map<String, Stance> cited = ballot.citations().resolve(electorate);
    if (ballot.round() > 0 && cited.size() < electorate.quorum()) {
      return refused(
          "quorum_missing", cited.size() + " cited, a quorum has " + electorate.quorum());
    }
    // SPEC protocol.md §13.3: it must support any proposal that could have won.
    RoundRule.Demand demand = RoundRule.demand(electorate.size(), ballot.round(), cited.values());
    return demand.allows(ballot.stance())
        ? Optional.empty()
        : refused("stance_not_allowed", "what it cites demands " + demand);
  }

  private static Optional<Refusal> refused(String code, String message) {
    return Optional.of(new Refusal(code, message));
  }
}
