package org.probity.detector.governance;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.probity.detector.crypto.Hash;

/**
 * SPEC protocol.md §13.3: when ballots decide, and what a ballot must say after the ones it cites.
 *
 * <p>Of {@code n} electors, {@code q > 2n/3} are a quorum and {@code t = n - q < n/3} may be
 * faulty: vote twice, or not at all, or show one thing here and another there.
 *
 * <ol>
 *   <li>A ballot of round {@code r + 1} cites ballots of round {@code r} by a quorum of members.
 *   <li>If all of those are for p, it must be for p, and it <i>confirms</i> p.
 *   <li>If one of those confirms p, it must be for p.
 *   <li>If {@code r = 0} and all but at most {@code t} of those are for p, it must be for p.
 *   <li>Else it may be for any proposal or for none.
 *   <li>p is decided by a quorum of ballots of one round that confirm it, or by ballots for it from
 *       <i>all</i> electors in round 0.
 * </ol>
 *
 * <p><b>Why two decisions cannot be.</b> Two quorums share more than {@code n/3} members, so a
 * member that signs one stance per round. If a quorum D of round r confirms p, then whatever quorum
 * a correct member cites in round r + 1 has such a member of D in it: the cited ballots are neither
 * unanimous for another proposal nor without a confirmation of p, and a second confirmed proposal
 * would need two unanimous quorums in round r - 1. So every valid ballot of round r + 1 is for p,
 * and with that every one of every later round. If all are for p in round 0, every quorum of round
 * 0 has at most t ballots that say otherwise, and every valid ballot of round 1 is for p.
 *
 * <p>A quorum of plain votes alone decides nothing: one member that hides a second ballot could
 * make the next round see no trace of it. docs/adr/governance-rounds.md has the whole argument, and
 * the test explores every reachable state. Pure; linear in what is cited.
 */
public final class RoundRule {
  private RoundRule() {}

  /** More than two thirds of the electors. */
  public static int quorum(int electors) {
    return 2 * electors / 3 + 1;
  }

  /** How many electors may be faulty without harm: always less than a third. */
  public static int tolerated(int electors) {
    return electors - quorum(electors);
  }

  /** How many ballots decide: everyone's in round 0, a quorum of confirming ones later. */
  public static int ballotsToDecide(int electors, int round) {
    return round == 0 ? electors : quorum(electors);
  }

  /** What a ballot that takes part in a decision for {@code proposal} says. */
  public static Stance deciding(int round, Hash proposal) {
    return round == 0 ? Stance.of(proposal) : Stance.confirming(proposal);
  }

  /**
   * What a ballot says that cites these.
   *
   * @param round the ballot's own; in round 0 nothing is cited
   * @param cited stances in the round before, of different electors, at least a quorum
   */
  public static Demand demand(int electors, int round, Collection<Stance> cited) {
    if (round == 0) {
      return Demand.FREE;
    }
    Map<Hash, Integer> counts = new TreeMap<>();
    NavigableSet<Hash> confirmed = new TreeSet<>();
    for (Stance stance : cited) {
      stance.choice().ifPresent(proposal -> counts.merge(proposal, 1, Integer::sum));
      stance.choice().filter(proposal -> stance.confirms()).ifPresent(confirmed::add);
    }
    Optional<Hash> unanimous = atLeast(cited.size(), counts);
    if (unanimous.isPresent()) {
      return new Demand(List.of(unanimous.get()), true);
    }
    if (round == 1) {
      Optional<Hash> nearly = atLeast(cited.size() - tolerated(electors), counts);
      return nearly.isPresent() ? new Demand(List.of(nearly.get()), false) : Demand.FREE;
    }
    return new Demand(List.copyOf(confirmed), false);
  }

  /** At most one proposal has so many, as long as that is more than half of what is cited. */
  private static Optional<Hash> atLeast(int count, Map<Hash, Integer> counts) {
    return counts.entrySet().stream()
        .filter(entry -> entry.getValue() >= count)
        .map(Map.Entry::getKey)
        .findFirst();
  }

  /**
   * What a ballot must say.
   *
   * @param proposals it must be for one of these; empty: for any, or for none. Never more than one
   *     unless a third of the electors are faulty.
   * @param confirms whether it confirms
   */
  public record Demand(List<Hash> proposals, boolean confirms) {
    static final Demand FREE = new Demand(List.of(), false);

    public Demand {
      proposals = List.copyOf(proposals);
    }

    public boolean allows(Stance stance) {
      return stance.confirms() == confirms
          && (proposals.isEmpty() || stance.choice().filter(proposals::contains).isPresent());
    }

    /** The ballot's stance for a choice, if that is allowed. */
    public Optional<Stance> stance(Optional<Hash> choice) {
      return confirms && choice.isEmpty()
          ? Optional.empty()
          : Optional.of(new Stance(choice, confirms)).filter(this::allows);
    }
  }
}
