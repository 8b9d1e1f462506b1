package org.probity.simulation.node;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.governance.Action;
import org.probity.detector.governance.Assembly;
import org.probity.detector.governance.Ballot;
import org.probity.detector.governance.BallotMark;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Poll;
import org.probity.detector.governance.SignedBallot;

/**
 * A member that votes, on what it finds at its own node: for putting on record what is proven, then
 * for suspending who is on record. Its mark is its own and survives whatever happens to the node.
 * Where several proposals are open members begin with different ones, so that votes split.
 */
final class Elector {
  private final World world;
  private final String member;
  private final int number;
  private final List<Said> said = new ArrayList<>();

  /**
   * A ballot.
   *
   * @param ballots it, behind all that were cast in earlier rounds where it was drafted
   */
  private record Said(BallotMark mark, List<Bytes> ballots) {}

  Elector(World world, String member, int number) {
    this.world = world;
    this.member = member;
    this.number = number;
  }

  /**
   * Its next ballot, if there is something to vote on, and before it those that it rests on: where
   * it is handed in they may never have been heard of, and it does not count without them.
   */
  List<Bytes> next(Assembly assembly, DecisionChain decisions) {
    Optional<Said> unheard = unheard(assembly);
    if (unheard.isPresent()) {
      return unheard.get().ballots();
    }
    List<Hash> choices = choices(assembly, decisions);
    if (choices.isEmpty() || !assembly.electorate().has(member)) {
      return List.of();
    }
    int round = round(assembly.poll());
    Hash preferred = choices.get(round == 0 ? number % choices.size() : 0);
    Optional<Ballot> ballot = draft(assembly.poll(), round, preferred);
    Optional<BallotMark> mark =
        ballot
            .flatMap(drafted -> BallotMark.next(last().map(Said::mark), drafted))
            .filter(next -> !last().map(Said::mark).equals(Optional.of(next)));
    if (mark.isEmpty()) {
      return List.of();
    }
    List<Bytes> ballots =
        Stream.concat(
                assembly.poll().ballots().stream()
                    .filter(cast -> cast.ballot().round() < round)
                    .map(SignedBallot::encoded),
                ballot.stream().map(this::signed))
            .toList();
    said.add(new Said(mark.get(), ballots));
    return ballots;
  }

  private Optional<Said> last() {
    return said.isEmpty() ? Optional.empty() : Optional.of(said.get(said.size() - 1));
  }

  /**
   * What it said where it was lost counts elsewhere, and is all that it may say there: also where a
   * decision is not known that was lost with it.
   */
  private Optional<Said> unheard(Assembly assembly) {
    return said.stream()
        .filter(one -> one.mark().epoch() == assembly.epoch())
        .filter(one -> one.mark().previous().equals(assembly.lastDecision()))
        .reduce((earlier, later) -> later)
        .filter(one -> assembly.poll().of(member, one.mark().round()).isEmpty());
  }

  private Bytes signed(Ballot ballot) {
    return SignedBallot.sign(
            world.founding().genesis().networkId(), ballot, world.founding().memberKey(member))
        .encoded();
  }

  /** What is proven first, then who is to be stopped for it, then what it has looked into. */
  private List<Hash> choices(Assembly assembly, DecisionChain decisions) {
    List<Hash> evidence = new ArrayList<>();
    List<Hash> suspensions = new ArrayList<>();
    List<Hash> others = new ArrayList<>();
    for (Assembly.Proposed proposed : assembly.proposals().values()) {
      Action action = proposed.proposal().action();
      if (action instanceof Action.SubmitEvidence) {
        evidence.add(proposed.id());
      } else if (action instanceof Action.SuspendNode) {
        suspensions.add(proposed.id());
      } else if (world.memberDesk().supports(decisions, action)) {
        others.add(proposed.id());
      }
    }
    return Stream.of(evidence, suspensions, others)
        .filter(choices -> !choices.isEmpty())
        .findFirst()
        .orElse(List.of());
  }

  private int round(Poll poll) {
    boolean hasVoted =
        poll.all().stream().anyMatch(signed -> signed.ballot().member().equals(member));
    return hasVoted ? poll.openRound() : Math.min(poll.openRound(), openToIt(poll));
  }

  /** Round 0 as long as nobody is beyond it. */
  private static int openToIt(Poll poll) {
    return poll.all().stream().allMatch(signed -> signed.ballot().round() == 0)
        ? 0
        : poll.openRound();
  }

  /** For the preferred one, or for what the ballots of the round before bind everybody to. */
  private Optional<Ballot> draft(Poll poll, int round, Hash preferred) {
    Optional<Ballot> ballot = poll.draft(round, member, Optional.of(preferred), "");
    for (Hash demanded : poll.demand(round).proposals()) {
      if (ballot.isEmpty()) {
        ballot = poll.draft(round, member, Optional.of(demanded), "");
      }
    }
    return ballot.or(() -> poll.draft(round, member, Optional.empty(), ""));
  }
}
