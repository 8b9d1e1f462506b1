package org.probity.detector.governance;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;

/**
 * The ballots of one epoch as far as they are known here: takes them in any order, counts, and says
 * what may be cast next. Keeps every different ballot of a member, since others may cite either.
 *
 * <pre>{@code
 * Poll poll = new Poll(state.epoch(), state.lastDecision(), state.electorate());
 * Poll.Intake intake = poll.add(SignedBallot.verify(bytes, verifier));
 * Optional<Poll.Outcome> outcome = poll.outcome();
 * }</pre>
 *
 * <p>Not thread-safe. Holds at most {@link #MAX_BALLOTS} ballots; who may fill them is for the
 * intake's quota per member.
 */
public final class Poll {
  public static final int MAX_BALLOTS = 100_000;

  /** Ballots whose citations are not known yet. */
  public static final int MAX_WAITING = 1_000;

  private final long epoch;
  private final Hash previous;
  private final Electorate electorate;
  private final NavigableMap<Integer, NavigableMap<String, NavigableMap<Stance, SignedBallot>>>
      rounds = new TreeMap<>();
  private final List<SignedBallot> waiting = new ArrayList<>();
  private int size;

  /** What all ballots that count come to, as long as there is no other one. */
  private Optional<Outcome> outcome = Optional.empty();

  private boolean isCounted;

  public Poll(long epoch, Hash previous, Electorate electorate) {
    this.epoch = epoch;
    this.previous = previous;
    this.electorate = electorate;
  }

  /** What became of a ballot. */
  public sealed interface Intake {

    /**
     * It counts.
     *
     * @param conflict a different one of this member in this round: the two prove DOUBLE_BALLOT
     */
    record Counted(Optional<SignedBallot> conflict) implements Intake {}

    /** One with this stance counts already. */
    record Known() implements Intake {}

    /** It will count once the ballots it cites are here. */
    record Waiting() implements Intake {}

    /** It will never count. */
    record Voided(Refusal refusal) implements Intake {}

    /** No room. */
    record Full() implements Intake {}
  }

  /** Takes a ballot; linear in the electorate, and in what waits if it counts. */
  public Intake add(SignedBallot signed) {
    Optional<Refusal> refusal = BallotRule.refusal(signed, epoch, previous, electorate);
    if (refusal.isPresent()) {
      return new Intake.Voided(refusal.get());
    }
    if (ballots(signed.ballot()).containsKey(signed.ballot().stance())) {
      return new Intake.Known();
    }
    if (!citesKnown(signed.ballot())) {
      return enqueue(signed);
    }
    if (size == MAX_BALLOTS) {
      return new Intake.Full();
    }
    Intake counted = count(signed);
    countWaiting();
    return counted;
  }

  private Intake enqueue(SignedBallot signed) {
    if (waiting.size() == MAX_WAITING) {
      return new Intake.Full();
    }
    waiting.add(signed);
    return new Intake.Waiting();
  }

  private Intake.Counted count(SignedBallot signed) {
    NavigableMap<Stance, SignedBallot> others =
        rounds
            .computeIfAbsent(signed.ballot().round(), round -> new TreeMap<>())
            .computeIfAbsent(signed.ballot().member(), member -> new TreeMap<>());
    Optional<SignedBallot> conflict = others.values().stream().findFirst();
    others.put(signed.ballot().stance(), signed);
    size++;
    isCounted = false;
    return new Intake.Counted(conflict);
  }

  private void countWaiting() {
    // In order of rounds, so that one pass is enough.
    waiting.sort(Comparator.comparingInt(signed -> signed.ballot().round()));
    List<SignedBallot> still = new ArrayList<>();
    for (SignedBallot signed : waiting) {
      if (!citesKnown(signed.ballot())) {
        still.add(signed);
      } else if (size < MAX_BALLOTS
          && !ballots(signed.ballot()).containsKey(signed.ballot().stance())) {
        count(signed);
      }
    }
    waiting.clear();
    waiting.addAll(still);
  }

  private NavigableMap<Stance, SignedBallot> ballots(Ballot ballot) {
    return ballots(ballot.round(), ballot.member());
  }

  private NavigableMap<Stance, SignedBallot> ballots(int round, String member) {
    return rounds
        .getOrDefault(round, Collections.emptyNavigableMap())
        .getOrDefault(member, Collections.emptyNavigableMap());
  }

  /** The different ballots of a member that are here for one round, those that wait last. */
  public List<SignedBallot> of(String member, int round) {
    List<SignedBallot> all = new ArrayList<>(ballots(round, member).values());
    for (SignedBallot signed : waiting) {
      if (signed.ballot().round() == round && signed.ballot().member().equals(member)) {
        all.add(signed);
      }
    }
    return all;
  }

  /** Whether a ballot that waits cites this one. */
  public boolean isAwaited(Ballot ballot) {
    return waiting.stream()
        .filter(later -> later.ballot().round() == ballot.round() + 1)
        .anyMatch(later -> ballot.stance().equals(cited(later.ballot()).get(ballot.member())));
  }

  /** Every ballot that counts or waits, by round; the order in which others can count them. */
  public List<SignedBallot> all() {
    List<SignedBallot> all = new ArrayList<>(ballots());
    waiting.stream()
        .sorted(Comparator.comparingInt(signed -> signed.ballot().round()))
        .forEach(all::add);
    return all;
  }

  private Map<String, Stance> cited(Ballot ballot) {
    try {
      return ballot.citations().resolve(electorate);
    } catch (DecodeException e) {
      throw new IllegalStateException("checked by the rule before", e);
    }
  }

  private boolean citesKnown(Ballot ballot) {
    return cited(ballot).entrySet().stream()
        .allMatch(
            cited -> ballots(ballot.round() - 1, cited.getKey()).containsKey(cited.getValue()));
  }

  /** Every ballot that counts, by round, member and stance. */
  public List<SignedBallot> ballots() {
    return rounds.values().stream()
        .flatMap(members -> members.values().stream())
        .flatMap(stances -> stances.values().stream())
        .toList();
  }

  /** The last round in which a ballot can be cast: the one before has a quorum. */
  public int openRound() {
    int round = 0;
    while (round < Ballot.MAX_ROUND
        && rounds.getOrDefault(round, new TreeMap<>()).size() >= electorate.quorum()) {
      round++;
    }
    return round;
  }

  /** What a ballot in an open round must say if it cites what {@link #draft} does. */
  public RoundRule.Demand demand(int round) {
    return RoundRule.demand(electorate.size(), round, toCite(round).values());
  }

  /**
   * The ballot a member may cast next in {@code round}, or nothing if the round is not open or its
   * {@link #demand} does not allow this choice. What it cites confirms a proposal if anything can.
   * The member's {@link BallotMark} has the last word.
   */
  public Optional<Ballot> draft(int round, String member, Optional<Hash> choice, String reason) {
    if (round > openRound()) {
      return Optional.empty();
    }
    Map<String, Stance> cited = toCite(round);
    return RoundRule.demand(electorate.size(), round, cited.values())
        .stance(choice)
        .map(
            stance ->
                new Ballot(
                    epoch,
                    previous,
                    round,
                    member,
                    stance,
                    reason,
                    Citations.of(cited, electorate)));
  }

  private Map<String, Stance> toCite(int round) {
    NavigableMap<String, NavigableMap<Stance, SignedBallot>> before =
        rounds.getOrDefault(round - 1, new TreeMap<>());
    for (Hash proposal : proposals(before)) {
      Map<String, Stance> forIt = new TreeMap<>();
      before.forEach(
          (member, ballots) ->
              ballots.keySet().stream()
                  .filter(stance -> stance.isFor(proposal))
                  .forEach(stance -> forIt.put(member, stance)));
      if (forIt.size() >= electorate.quorum()) {
        return forIt;
      }
    }
    Map<String, Stance> all = new TreeMap<>();
    before.forEach((member, ballots) -> all.put(member, ballots.lastKey()));
    return all;
  }

  private static NavigableSet<Hash> proposals(
      NavigableMap<String, NavigableMap<Stance, SignedBallot>> round) {
    NavigableSet<Hash> proposals = new TreeSet<>();
    for (NavigableMap<Stance, SignedBallot> ballots : round.values()) {
      ballots.keySet().forEach(stance -> stance.choice().ifPresent(proposals::add));
    }
    return proposals;
  }

  /** What was decided, and the ballots that decide it: exactly as many as it takes. */
  public record Outcome(int round, Hash proposal, List<SignedBallot> ballots) {
    public Outcome {
      ballots = List.copyOf(ballots);
    }
  }

  /** The decision, once it is taken; it never changes. Linear in all ballots if one is new. */
  public Optional<Outcome> outcome() {
    if (!isCounted) {
      outcome = counted();
      isCounted = true;
    }
    return outcome;
  }

  private Optional<Outcome> counted() {
    for (Map.Entry<Integer, NavigableMap<String, NavigableMap<Stance, SignedBallot>>> entry :
        rounds.entrySet()) {
      int round = entry.getKey();
      int needed = RoundRule.ballotsToDecide(electorate.size(), round);
      for (Hash proposal : proposals(entry.getValue())) {
        Stance deciding = RoundRule.deciding(round, proposal);
        List<SignedBallot> ballots =
            entry.getValue().values().stream()
                .filter(stances -> stances.containsKey(deciding))
                .map(stances -> java.util.Objects.requireNonNull(stances.get(deciding)))
                .limit(needed)
                .toList();
        if (ballots.size() == needed) {
          return Optional.of(new Outcome(round, proposal, ballots));
        }
      }
    }
    return Optional.empty();
  }
}
