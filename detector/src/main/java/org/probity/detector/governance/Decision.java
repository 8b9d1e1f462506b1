package org.probity.detector.governance;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.PublicKey;
import org.probity.detector.crypto.Statement;
import org.probity.detector.crypto.StatementVerifier;

/**
 * A proposal and the ballots that decided it, decoded and not judged: the content of a DECISION
 * entry. {@link DecisionRule} says whether it is one.
 *
 * <p>The ballots are all it takes. That a confirming ballot's own citations exist, those know who
 * signed the others: with less than a third faulty at least one of them is correct, and cites a
 * quorum that any of the rest could have cited.
 *
 * @param epoch how many decisions were taken before
 * @param previous id of the last of them, the network id if there is none
 * @param round the round whose ballots decide
 * @param ballots statements, ascending by member
 */
public record Decision(long epoch, Hash previous, int round, Action action, List<Bytes> ballots) {
  /** Leaves room for the entry around it. */
  public static final int MAX_BYTES = 65_400;

  private static final String ID_TYP = "probity/decision";
  private static final int VERSION = 1;

  public Decision {
    ballots = List.copyOf(ballots);
  }

  /** From a poll's outcome; {@code action} is that of the proposal it names. */
  public static Decision of(long epoch, Hash previous, Action action, Poll.Outcome outcome) {
    return new Decision(
        epoch,
        previous,
        outcome.round(),
        action,
        outcome.ballots().stream().map(SignedBallot::encoded).toList());
  }

  public Bytes encode() {
    CborWriter out =
        new CborWriter(4096)
            .array(6)
            .uint(VERSION)
            .uint(epoch)
            .bytes(previous.unsafeArray())
            .uint(round)
            .rawItem(action.encode())
            .array(ballots.size());
    ballots.forEach(out::bytes);
    return out.toBytes();
  }

  /**
   * Inverse of {@link #encode}. Codes: {@code decision_too_large}, {@code unknown_version} and
   * those of CBOR and the action.
   */
  public static Decision decode(Bytes content) throws DecodeException {
    if (content.size() > MAX_BYTES) {
      throw new DecodeException(
          "decision_too_large", content.size() + " bytes, at most " + MAX_BYTES);
    }
    CborReader in = new CborReader(content);
    in.arrayHeader(6);
    if (in.uint() != VERSION) {
      throw new DecodeException("unknown_version", "the version of a decision must be " + VERSION);
    }
    long epoch = in.uint();
    Hash previous = Hash.read(in);
    int round = in.uintMaxInt(Ballot.MAX_ROUND);
    Action action = Action.decode(in.rawItem());
    int count = in.arrayHeaderUpTo(Electorate.MAX_MEMBERS);
    List<Bytes> ballots = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      ballots.add(in.bytesUpTo(Ballot.MAX_STATEMENT_BYTES));
    }
    in.end();
    return new Decision(epoch, previous, round, action, ballots);
  }

  /** Its ballots that are signed at all, by whomever. One signature verification each. */
  public List<SignedBallot> signed(StatementVerifier verifier) {
    return ballots.stream().flatMap(ballot -> signed(ballot, verifier)).toList();
  }

  private static Stream<SignedBallot> signed(Bytes ballot, StatementVerifier verifier) {
    try {
      return Stream.of(SignedBallot.verify(ballot, verifier));
    } catch (DecodeException e) {
      return Stream.empty();
    }
  }

  /**
   * The ballot under this key, if there is one that is signed at all. One signature verification.
   */
  public Optional<SignedBallot> signedBy(PublicKey key, StatementVerifier verifier) {
    return ballots.stream()
        .filter(ballot -> isClaimedBy(ballot, key))
        .flatMap(ballot -> signed(ballot, verifier))
        .findFirst();
  }

  private static boolean isClaimedBy(Bytes ballot, PublicKey key) {
    try {
      return Statement.decode(ballot).claimedSigners().equals(List.of(key.toBytes()));
    } catch (DecodeException e) {
      return false;
    }
  }

  /** What all of its ballots say, if it is valid. */
  BallotMark mark(Hash networkId) {
    return new BallotMark(
        epoch, round, previous, RoundRule.deciding(round, proposal().id(networkId)));
  }

  public Proposal proposal() {
    return new Proposal(epoch, action);
  }

  /**
   * Which decision it is, whoever's ballots show it: the hash of epoch, previous decision and
   * proposal. What the next epoch's ballots and decision name.
   */
  public Hash id(Hash networkId) {
    return Statement.id(
        networkId,
        ID_TYP,
        new CborWriter()
            .array(3)
            .uint(epoch)
            .bytes(previous.unsafeArray())
            .bytes(proposal().id(networkId).unsafeArray())
            .toBytes());
  }
}
