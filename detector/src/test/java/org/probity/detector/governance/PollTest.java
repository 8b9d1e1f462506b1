package org.probity.detector.governance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.probity.detector.Seeded;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;

/** protocol.md §13.3, with real ballots: what a poll counts, and where votes end up. */
class PollTest {
  private final Polity polity = new Polity("a", "b", "c", "d");
  private final GovernanceState state = polity.chain().state();
  private final List<String> members = state.electorate().members();
  private final Action action = new Action.SuspendNode("a");
  private final Hash p = polity.proposal(state, action);
  private final Hash q = polity.proposal(state, new Action.SuspendNode("b"));

  private Poll poll() {
    return new Poll(state.epoch(), state.lastDecision(), state.electorate());
  }

  private SignedBallot first(String member, Stance stance) {
    return polity.sign(Polity.first(state, member, stance));
  }

  private void cast(Poll poll, int round, String member, Optional<Hash> choice) {
    Ballot ballot = poll.draft(round, member, choice, "because").orElseThrow();
    assertInstanceOf(Poll.Intake.Counted.class, poll.add(polity.sign(ballot)));
  }

  @Test
  void everybodyAtOnceDecides() {
    Poll poll = poll();
    for (String member : members) {
      assertEquals(Optional.empty(), poll.outcome());
      cast(poll, 0, member, Optional.of(p));
    }
    Poll.Outcome outcome = poll.outcome().orElseThrow();
    assertEquals(0, outcome.round());
    assertEquals(p, outcome.proposal());
    polity.assertTaken(state, Decision.of(state.epoch(), state.lastDecision(), action, outcome));
  }

  @Test
  void aQuorumConfirms() {
    Poll poll = poll();
    List<String> voters = members.subList(0, 3);
    voters.forEach(member -> cast(poll, 0, member, Optional.of(p)));
    assertEquals(Optional.empty(), poll.outcome());
    assertEquals(1, poll.openRound());
    assertEquals(Optional.empty(), poll.draft(1, "m-d", Optional.of(q), ""));
    assertEquals(Optional.empty(), poll.draft(1, "m-d", Optional.empty(), ""));
    voters.forEach(member -> cast(poll, 1, member, Optional.of(p)));
    Poll.Outcome outcome = poll.outcome().orElseThrow();
    assertEquals(1, outcome.round());
    polity.assertTaken(state, Decision.of(state.epoch(), state.lastDecision(), action, outcome));
  }

  @Test
  void aSplitVoteIsFreeAgain() {
    Poll poll = poll();
    cast(poll, 0, "m-a", Optional.of(p));
    cast(poll, 0, "m-b", Optional.of(q));
    cast(poll, 0, "m-c", Optional.empty());
    assertTrue(poll.demand(1).proposals().isEmpty());
    for (int round = 1; round <= 2; round++) {
      for (String member : List.of("m-a", "m-b", "m-c")) {
        cast(poll, round, member, Optional.of(q));
      }
    }
    assertEquals(q, poll.outcome().orElseThrow().proposal());
  }

  @Test
  void showsTwoDifferentBallotsAndKeepsBoth() {
    Poll poll = poll();
    SignedBallot one = first("m-a", Stance.of(p));
    SignedBallot other = first("m-a", Stance.of(q));
    assertEquals(new Poll.Intake.Counted(Optional.empty()), poll.add(one));
    assertEquals(new Poll.Intake.Known(), poll.add(one));
    assertEquals(new Poll.Intake.Counted(Optional.of(one)), poll.add(other));
    assertEquals(2, poll.ballots().size());
  }

  @Test
  void otherWordsAreTheSameBallot() {
    Poll poll = poll();
    Ballot ballot = Polity.first(state, "m-a", Stance.of(p));
    Ballot wordy =
        new Ballot(0, ballot.previous(), 0, "m-a", ballot.stance(), "why not", Citations.NONE);
    poll.add(polity.sign(ballot));
    assertEquals(new Poll.Intake.Known(), poll.add(polity.sign(wordy)));
  }

  @Test
  void waitsForWhatIsCited() {
    Poll whole = poll();
    List<SignedBallot> all = new ArrayList<>();
    for (int round = 0; round < 3; round++) {
      for (String member : members.subList(0, 3)) {
        SignedBallot ballot =
            polity.sign(whole.draft(round, member, Optional.of(p), "").orElseThrow());
        all.add(ballot);
      }
      all.subList(3 * round, 3 * round + 3).forEach(whole::add);
    }
    Seeded.run(
        20,
        random -> {
          List<SignedBallot> shuffled = new ArrayList<>(all);
          Collections.shuffle(shuffled, new Random(random.nextLong()));
          Poll poll = poll();
          shuffled.forEach(poll::add);
          assertEquals(whole.ballots(), poll.ballots());
          assertEquals(whole.outcome(), poll.outcome());
        });
    Poll alone = poll();
    assertEquals(new Poll.Intake.Waiting(), alone.add(all.get(5)));
    assertEquals(List.of(), alone.ballots());
  }

  @Test
  void voidBallotsNeverCount() {
    assertVoid("wrong_epoch", new Ballot(1, p, 0, "m-a", Stance.of(p), "", Citations.NONE));
    assertVoid("wrong_previous", new Ballot(0, p, 0, "m-a", Stance.of(p), "", Citations.NONE));
    assertVoid("not_an_elector", Polity.first(state, "m-z", Stance.of(p)));
    Map<String, Stance> two = Polity.all(List.of("m-a", "m-b"), Stance.of(p));
    assertVoid("quorum_missing", Polity.later(state, 1, "m-a", Stance.confirming(p), two));
    Map<String, Stance> three = Polity.all(members.subList(0, 3), Stance.of(p));
    assertVoid("stance_not_allowed", Polity.later(state, 1, "m-a", Stance.of(p), three));
    assertVoid("stance_not_allowed", Polity.later(state, 1, "m-a", Stance.of(q), three));
    assertVoid("stance_not_allowed", Polity.later(state, 1, "m-a", Stance.NONE, three));
    Map<String, Stance> locked = Polity.all(List.of("m-a", "m-b"), Stance.of(q));
    locked.put("m-c", Stance.confirming(p));
    assertVoid("stance_not_allowed", Polity.later(state, 2, "m-a", Stance.of(q), locked));
    // Bits for nobody.
    Citations stray =
        new Citations(List.of(new Citations.Group(Stance.of(p), Bytes.of((byte) 0x17))));
    assertVoid(
        "bad_citation",
        new Ballot(0, state.lastDecision(), 1, "m-a", Stance.confirming(p), "", stray));
    assertEquals(
        "wrong_signer",
        ((Poll.Intake.Voided)
                poll()
                    .add(
                        polity.sign(
                            Polity.first(state, "m-a", Stance.of(p)), Polity.signer("m-b"))))
            .refusal()
            .code());
  }

  private void assertVoid(String code, Ballot ballot) {
    assertEquals(code, ((Poll.Intake.Voided) poll().add(polity.sign(ballot))).refusal().code());
  }

  /**
   * Three correct members with a poll each, a faulty fourth, random delivery: nobody ever sees
   * another outcome, and once everything is delivered they decide.
   */
  @Test
  void correctMembersAgreeWhateverAFourthDoes() {
    int[] decidedEarly = new int[1];
    Seeded.run(50, random -> decidedEarly[0] += electionDay(random));
    if (System.getProperty("probity.seed", "").isEmpty()) {
      assertTrue(decidedEarly[0] > 5 && decidedEarly[0] < 50, "decided early " + decidedEarly[0]);
    }
  }

  private int electionDay(SplittableRandom random) {
    Map<String, Poll> polls = new TreeMap<>();
    Map<String, Optional<BallotMark>> marks = new HashMap<>();
    List<String> correct = members.subList(0, 3);
    members.forEach(member -> polls.put(member, poll()));
    correct.forEach(member -> marks.put(member, Optional.empty()));
    List<SignedBallot> sent = new ArrayList<>();
    Set<Hash> outcomes = new HashSet<>();
    for (int step = 0; step < 150; step++) {
      String member = members.get(random.nextInt(4));
      Poll poll = polls.get(member);
      if (random.nextInt(3) > 0 && !sent.isEmpty()) {
        poll.add(sent.get(random.nextInt(sent.size())));
      } else {
        int round = Math.min(poll.openRound(), random.nextInt(4));
        Optional<Hash> choice =
            List.of(Optional.of(p), Optional.of(p), Optional.of(q), Optional.<Hash>empty())
                .get(random.nextInt(4));
        RoundRule.Demand demand = poll.demand(round);
        Optional<Hash> obedient =
            demand.proposals().isEmpty() ? choice : Optional.of(demand.proposals().get(0));
        poll.draft(round, member, obedient, "step " + step)
            .filter(ballot -> !correct.contains(member) || mayCast(marks, ballot))
            .map(polity::sign)
            .ifPresent(
                ballot -> {
                  poll.add(ballot);
                  sent.add(ballot);
                });
      }
      poll.outcome().ifPresent(outcome -> outcomes.add(outcome.proposal()));
      assertTrue(outcomes.size() <= 1, "two decisions");
    }
    int early = outcomes.size();
    heal(polls, marks, sent, correct, outcomes);
    assertEquals(1, outcomes.size(), "one decision");
    return early;
  }

  private void heal(
      Map<String, Poll> polls,
      Map<String, Optional<BallotMark>> marks,
      List<SignedBallot> sent,
      List<String> correct,
      Set<Hash> outcomes) {
    // Of what was withheld from everyone nothing needs to be known.
    for (int turn = 0; turn < 8; turn++) {
      for (String member : correct) {
        Poll poll = polls.get(member);
        sent.forEach(poll::add);
        int round = poll.openRound();
        RoundRule.Demand demand = poll.demand(round);
        Hash wish = demand.proposals().isEmpty() ? p : demand.proposals().get(0);
        poll.draft(round, member, Optional.of(wish), "heal")
            .filter(ballot -> mayCast(marks, ballot))
            .map(polity::sign)
            .ifPresent(sent::add);
        poll.outcome().ifPresent(outcome -> outcomes.add(outcome.proposal()));
        assertTrue(outcomes.size() <= 1, "two decisions");
      }
    }
  }

  private static boolean mayCast(Map<String, Optional<BallotMark>> marks, Ballot ballot) {
    Optional<BallotMark> next = BallotMark.next(marks.get(ballot.member()), ballot);
    if (next.isPresent()) {
      marks.put(ballot.member(), next);
    }
    return next.isPresent();
  }
}
