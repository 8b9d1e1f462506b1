package org.probity.detector.node;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.probity.detector.challenge.Answer;
import org.probity.detector.challenge.AnswerRule;
import org.probity.detector.challenge.Challenge;
import org.probity.detector.challenge.ChallengeRule;
import org.probity.detector.challenge.ValidChallenge;
import org.probity.detector.challenge.VerifiedAnswer;
import org.probity.detector.codec.Bytes;
import org.probity.detector.evidence.ByzantineLog;
import org.probity.detector.evidence.Court;
import org.probity.detector.governance.Polity;
import org.probity.detector.log.Multiproof;

/** protocol.md §7.2: the parts of one promise are one question, and others are not. */
class PromisesAskedTest {
  private static final long PATIENCE_MILLIS = 10_000;

  private final Court court = new Court();
  private final ByzantineLog beta = court.log("beta", 12);
  private final ChallengeRule rule =
      ChallengeRule.founding(court.network().genesis(), new ObjectStore());
  private final Polity polity = new Polity(court.network());
  private final AnswerRule answers =
      new AnswerRule(court.network().genesis(), new ObjectStore(), polity::chain);
  private final PromisesAsked asked = new PromisesAsked();

  private ValidChallenge part(String challenger, long promised, long from, long to) {
    Challenge challenge =
        new Challenge(
            Challenge.Target.of(court.network().node("beta")),
            challenger,
            new Challenge.Audit(beta.checkpoint(promised).bytes(), from, (int) (to - from)));
    return rule.check(
            challenge
                .sign(court.network().genesis().networkId(), court.network().logKey(challenger))
                .encoded())
        .valid()
        .orElseThrow();
  }

  private VerifiedAnswer answer(ValidChallenge part, long promised, long from, long to) {
    List<Bytes> entries = new ArrayList<>();
    for (long index = from; index < to; index++) {
      entries.add(beta.entry(index));
    }
    return answers
        .check(part, Answer.producing(entries, Multiproof.buildRange(beta, promised, from, to)))
        .answer()
        .orElseThrow();
  }

  private boolean isOverdue(ValidChallenge part, long elapsedMillis) {
    return asked.isOverdue(part, elapsedMillis, PATIENCE_MILLIS);
  }

  @Test
  void theFirstPartCountsForAll() {
    ValidChallenge first = part("gamma", 12, 0, 4);
    ValidChallenge second = part("gamma", 12, 4, 8);
    asked.put(first, 500);
    asked.answered(answer(first, 12, 0, 4), 8_000);
    asked.put(second, 8_500);
    assertFalse(isOverdue(second, 10_499));
    assertTrue(isOverdue(second, 10_500));
  }

  @Test
  void whatOthersAskIsTheirs() {
    ValidChallenge first = part("gamma", 12, 0, 4);
    ValidChallenge second = part("gamma", 12, 4, 8);
    ValidChallenge other = part("delta", 9, 0, 4);
    asked.put(first, 0);
    asked.put(other, 9_000);
    asked.put(second, 9_500);
    assertTrue(isOverdue(second, 10_000));
    assertFalse(isOverdue(other, 10_000));
  }

  @Test
  void anotherPromiseIsAnotherQuestion() {
    asked.put(part("gamma", 9, 0, 4), 0);
    ValidChallenge next = part("gamma", 12, 4, 8);
    asked.put(next, 9_000);
    assertFalse(isOverdue(next, 18_999));
    assertTrue(isOverdue(next, 19_000));
  }

  @Test
  void theLastPartEndsIt() {
    ValidChallenge last = part("gamma", 12, 8, 12);
    asked.put(last, 0);
    asked.answered(answer(last, 12, 8, 12), 1_000);
    ValidChallenge again = part("gamma", 12, 0, 4);
    asked.put(again, 9_000);
    assertFalse(isOverdue(again, 12_000));
  }

  @Test
  void theWordOfTheWitnessesEndsIt() {
    ValidChallenge first = part("gamma", 12, 0, 4);
    asked.put(first, 0);
    asked.confirmed(first);
    ValidChallenge next = part("gamma", 12, 4, 8);
    asked.put(next, 9_000);
    assertFalse(isOverdue(next, 12_000));
  }

  @Test
  void whoAsksForNothingMoreHasWhatItWanted() {
    asked.put(part("gamma", 12, 0, 4), 0);
    ValidChallenge late = part("gamma", 12, 4, 8);
    asked.put(late, PromisesAsked.IDLE_MILLIS);
    assertFalse(isOverdue(late, PromisesAsked.IDLE_MILLIS + PATIENCE_MILLIS - 1));
    assertTrue(isOverdue(late, PromisesAsked.IDLE_MILLIS + PATIENCE_MILLIS));
  }
}
