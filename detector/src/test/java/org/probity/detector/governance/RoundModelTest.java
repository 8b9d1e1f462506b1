package org.probity.detector.governance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.probity.detector.crypto.Hash;

/**
 * protocol.md §13.3, explored exhaustively: every reachable state of the ballots of one epoch, over
 * any number of rounds, for small electorates.
 *
 * <p>Correct electors cast at most one ballot a round, any that the rule allows after any citation
 * there is, or none, and may skip rounds. Faulty ones cast, in every round, every ballot that any
 * citation justifies, and show each to whom they like. What a round's ballots can be depends on the
 * round before only, and the rule tells rounds 0, 1 and later apart, so the states are finitely
 * many: exploring until nothing new turns up covers every number of rounds and, because a later
 * ballot never makes an earlier one possible, every order of events.
 */
class RoundModelTest {
  private static final Hash P = Hash.sha256(new byte[] {1});
  private static final Hash Q = Hash.sha256(new byte[] {2});
  private static final List<Stance> STANCES =
      List.of(Stance.NONE, Stance.of(P), Stance.of(Q), Stance.confirming(P), Stance.confirming(Q));
  private static final List<Hash> PROPOSALS = List.of(P, Q);

  /** The rule as it is; each planted bug overrides a line. */
  private static class Rule {
    RoundRule.Demand demand(int electors, int round, Collection<Stance> cited) {
      return RoundRule.demand(electors, round, cited);
    }

    boolean counts(int round, Hash proposal, Stance stance) {
      return stance.equals(RoundRule.deciding(round, proposal));
    }

    int toDecide(int electors, int round) {
      return RoundRule.ballotsToDecide(electors, round);
    }

    /** Whether a correct elector that confirms also signs the same choice as a plain vote. */
    boolean signsInOtherWords() {
      return false;
    }
  }

  /**
   * The ballots of one round.
   *
   * @param round 0, 1, or 2 for all later ones
   * @param correct how many correct electors took each stance
   * @param faulty which stances faulty electors can show
   * @param decided the proposals decided so far
   */
  private record State(int round, List<Integer> correct, Set<Stance> faulty, Set<Hash> decided) {
    int cast() {
      return correct.stream().mapToInt(Integer::intValue).sum();
    }
  }

  /** Explores one electorate. */
  private static final class Explorer {
    private final int electors;
    private final int faulty;
    private final Rule rule;
    private final Set<State> seen = new HashSet<>();
    private final Deque<State> open = new ArrayDeque<>();
    private final Map<List<Object>, Set<Stance>> justified = new HashMap<>();
    private boolean disagreement;
    private boolean stuck;
    private int decisions;

    Explorer(int electors, int faulty, Rule rule) {
      this.electors = electors;
      this.faulty = faulty;
      this.rule = rule;
    }

    Explorer explore() {
      Set<Stance> first = Set.of(Stance.NONE, Stance.of(P), Stance.of(Q));
      successors(0, first, Set.of());
      while (!open.isEmpty() && !disagreement) {
        State state = open.poll();
        Set<Stance> next = justified(state);
        if (!next.isEmpty()) {
          successors(Math.min(2, state.round() + 1), next, state.decided());
        }
        if (state.cast() == electors - faulty && !canDecide(state)) {
          stuck = true;
        }
      }
      return this;
    }

    /** Every way in which the correct ones may cast ballots out of these. */
    private void successors(int round, Set<Stance> allowed, Set<Hash> decided) {
      Set<Stance> shown = faulty == 0 ? Set.of() : allowed;
      counts(new ArrayList<>(), electors - faulty, allowed)
          .forEach(
              correct -> {
                Set<Hash> all = new HashSet<>(decided);
                PROPOSALS.stream()
                    .filter(proposal -> decides(round, correct, shown, proposal))
                    .forEach(all::add);
                decisions += all.size() > decided.size() ? 1 : 0;
                disagreement |= all.size() > 1;
                State state = new State(round, correct, shown, all);
                if (seen.add(state)) {
                  open.add(state);
                }
              });
    }

    private List<List<Integer>> counts(List<Integer> chosen, int left, Set<Stance> allowed) {
      if (chosen.size() == STANCES.size()) {
        return List.of(List.copyOf(chosen));
      }
      List<List<Integer>> all = new ArrayList<>();
      int most = allowed.contains(STANCES.get(chosen.size())) ? left : 0;
      for (int count = 0; count <= most; count++) {
        chosen.add(count);
        all.addAll(counts(chosen, left - count, allowed));
        chosen.remove(chosen.size() - 1);
      }
      return all;
    }

    private boolean decides(int round, List<Integer> correct, Set<Stance> shown, Hash proposal) {
      int count = 0;
      boolean helped = false;
      for (int i = 0; i < STANCES.size(); i++) {
        if (rule.counts(round, proposal, STANCES.get(i))) {
          count += correct.get(i);
          helped |= shown.contains(STANCES.get(i));
        }
      }
      return count + (helped ? faulty : 0) >= rule.toDecide(electors, round);
    }

    /** What ballots of the next round may say, after any quorum that can be cited. */
    private Set<Stance> justified(State state) {
      return justified.computeIfAbsent(
          List.of(state.round(), state.correct(), state.faulty()),
          key -> {
            Set<Stance> next = new HashSet<>();
            cite(state, new int[STANCES.size()], 0, faulty, next);
            return next;
          });
    }

    private void cite(State state, int[] cited, int stance, int faultyLeft, Set<Stance> next) {
      if (stance == STANCES.size()) {
        if (Arrays.stream(cited).sum() >= RoundRule.quorum(electors)) {
          allow(state.round() + 1, cited, next);
        }
        return;
      }
      int helpers = state.faulty().contains(STANCES.get(stance)) ? faultyLeft : 0;
      int correct = state.correct().get(stance) + doubles(state, stance);
      for (int count = 0; count <= correct + helpers; count++) {
        cited[stance] = count;
        cite(state, cited, stance + 1, faultyLeft - Math.max(0, count - correct), next);
      }
      cited[stance] = 0;
    }

    private int doubles(State state, int stance) {
      boolean isPlainVote = stance == 1 || stance == 2;
      return isPlainVote && rule.signsInOtherWords() ? state.correct().get(stance + 2) : 0;
    }

    private void allow(int round, int[] cited, Set<Stance> next) {
      List<Stance> list = new ArrayList<>();
      for (int i = 0; i < cited.length; i++) {
        list.addAll(Collections.nCopies(cited[i], STANCES.get(i)));
      }
      RoundRule.Demand demand = rule.demand(electors, round, list);
      STANCES.stream().filter(demand::allows).forEach(next::add);
    }

    /** Whether the correct ones alone, all of whom have voted, decide if they want to. */
    private boolean canDecide(State from) {
      return PROPOSALS.stream().anyMatch(proposal -> canDecide(from, proposal));
    }

    private boolean canDecide(State from, Hash wish) {
      List<Stance> cited = new ArrayList<>();
      for (int i = 0; i < STANCES.size(); i++) {
        cited.addAll(Collections.nCopies(from.correct().get(i), STANCES.get(i)));
      }
      for (int round = from.round() + 1; round <= from.round() + 3; round++) {
        Optional<Stance> stance = rule.demand(electors, round, cited).stance(Optional.of(wish));
        if (stance.isEmpty()) {
          return false;
        }
        cited = Collections.nCopies(electors - faulty, stance.get());
        if (rule.counts(round, wish, stance.get())
            && cited.size() >= rule.toDecide(electors, round)) {
          return from.decided().isEmpty() || from.decided().contains(wish);
        }
      }
      return false;
    }
  }

  @ParameterizedTest
  @CsvSource({"1,0", "2,0", "3,0", "4,1", "4,0", "5,1", "6,1", "7,2", "8,2", "10,3"})
  void decidesOneThingAndCanAlwaysDecide(int electors, int faulty) {
    assertTrue(faulty <= RoundRule.tolerated(electors));
    Explorer explorer = new Explorer(electors, faulty, new Rule()).explore();
    assertFalse(explorer.disagreement);
    assertFalse(explorer.stuck);
    assertTrue(explorer.decisions > 0, "nothing was ever decided");
    assertTrue(electors < 4 || explorer.seen.size() > 100, "states: " + explorer.seen.size());
  }

  @Test
  void oneFaultyTooManyBreaksIt() {
    assertDisagrees(4, 2, new Rule());
    assertDisagrees(3, 1, new Rule());
  }

  @Test
  void aQuorumOfPlainVotesMustNotDecide() {
    assertDisagrees(
        4,
        1,
        new Rule() {
          @Override
          boolean counts(int round, Hash proposal, Stance stance) {
            return stance.isFor(proposal);
          }

          @Override
          int toDecide(int electors, int round) {
            return RoundRule.quorum(electors);
          }
        });
  }

  @Test
  void aConfirmationSeenMustBind() {
    assertDisagrees(
        4,
        1,
        new Rule() {
          @Override
          RoundRule.Demand demand(int electors, int round, Collection<Stance> cited) {
            RoundRule.Demand demand = super.demand(electors, round, cited);
            return round > 1 && !demand.confirms() ? RoundRule.Demand.FREE : demand;
          }
        });
  }

  @Test
  void aQuorumSeenMustBind() {
    assertDisagrees(
        4,
        1,
        new Rule() {
          @Override
          RoundRule.Demand demand(int electors, int round, Collection<Stance> cited) {
            RoundRule.Demand demand = super.demand(electors, round, cited);
            // Confirms whatever it likes.
            return demand.confirms() ? new RoundRule.Demand(PROPOSALS, true) : demand;
          }
        });
  }

  @Test
  void nearUnanimityOfRoundZeroMustBind() {
    assertDisagrees(
        4,
        1,
        new Rule() {
          @Override
          RoundRule.Demand demand(int electors, int round, Collection<Stance> cited) {
            RoundRule.Demand demand = super.demand(electors, round, cited);
            return round == 1 && !demand.confirms() ? RoundRule.Demand.FREE : demand;
          }
        });
  }

  @Test
  void unanimityOfALaterRoundMustNotDecide() {
    assertDisagrees(
        4,
        1,
        new Rule() {
          @Override
          boolean counts(int round, Hash proposal, Stance stance) {
            return stance.isFor(proposal);
          }

          @Override
          int toDecide(int electors, int round) {
            return electors;
          }
        });
  }

  @Test
  void roundZeroMustBeUnanimous() {
    assertDisagrees(
        7,
        2,
        new Rule() {
          @Override
          int toDecide(int electors, int round) {
            return round == 0 ? electors - 1 : super.toDecide(electors, round);
          }
        });
  }

  @Test
  void aConfirmationMustNotBeSignedAsAPlainVoteToo() {
    assertDisagrees(
        4,
        1,
        new Rule() {
          @Override
          boolean signsInOtherWords() {
            return true;
          }
        });
  }

  @Test
  void bindingToEveryProposalThatCouldHaveWonGetsStuck() {
    // The obvious reading: bound to whatever, with the electors not cited, may have had a quorum.
    Rule rule =
        new Rule() {
          @Override
          RoundRule.Demand demand(int electors, int round, Collection<Stance> cited) {
            int unseen = electors - cited.size() + RoundRule.tolerated(electors);
            List<Hash> possible =
                PROPOSALS.stream()
                    .filter(
                        proposal ->
                            cited.stream().filter(stance -> stance.isFor(proposal)).count() + unseen
                                >= RoundRule.quorum(electors))
                    .toList();
            return possible.size() > 1
                ? new RoundRule.Demand(List.of(Hash.sha256(new byte[] {9})), false)
                : new RoundRule.Demand(possible, false);
          }

          @Override
          boolean counts(int round, Hash proposal, Stance stance) {
            return stance.isFor(proposal);
          }

          @Override
          int toDecide(int electors, int round) {
            return RoundRule.quorum(electors);
          }
        };
    Explorer explorer = new Explorer(4, 1, rule).explore();
    assertTrue(explorer.stuck);
  }

  @Test
  void quorumsShareACorrectMemberAndCorrectOnesAreAQuorum() {
    for (int electors = 1; electors <= Electorate.MAX_MEMBERS; electors++) {
      int tolerated = RoundRule.tolerated(electors);
      assertTrue(3 * RoundRule.quorum(electors) > 2 * electors);
      assertTrue(2 * RoundRule.quorum(electors) - electors > tolerated);
      assertTrue(electors - tolerated >= RoundRule.quorum(electors));
      assertEquals((electors - 1) / 3, tolerated);
      // Rule 4 never demands two proposals.
      assertTrue(2 * (RoundRule.quorum(electors) - tolerated) > RoundRule.quorum(electors));
    }
  }

  private static void assertDisagrees(int electors, int faulty, Rule rule) {
    assertTrue(new Explorer(electors, faulty, rule).explore().disagreement);
  }
}
