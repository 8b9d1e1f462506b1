package org.probity.detector.challenge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.probity.detector.Seeded;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.Statement;
import org.probity.detector.evidence.ByzantineLog;
import org.probity.detector.evidence.Court;
import org.probity.detector.governance.Parameters;
import org.probity.detector.log.Multiproof;
import org.probity.detector.node.ObjectStore;
import org.probity.detector.node.TestNetwork;
import org.probity.detector.program.Transaction;

/** protocol.md §7.2: the books of one node. */
class ChallengesTest {
  private static final long PATIENCE = 10_000;

  private final Disputes disputes = new Disputes();
  private final Challenges challenges = new Challenges();

  /** The {@code number}th range of entries there is to ask for. */
  private ValidChallenge audit(String target, String challenger, int number) {
    ByzantineLog log = target.equals("beta") ? disputes.beta : disputes.alpha;
    int from = 0;
    int count = 1 + number;
    while (count > log.size() - from) {
      count -= (int) log.size() - from;
      from++;
    }
    Challenge challenge =
        new Challenge(
            Challenge.Target.of(disputes.court.network().node(target)),
            challenger,
            new Challenge.Audit(log.checkpoint().bytes(), from, count));
    ChallengeRule.Outcome outcome = disputes.rule.check(disputes.signed(challenge, challenger));
    return outcome.valid().orElseThrow(() -> new AssertionError(outcome.refusal()));
  }

  private VerifiedAnswer production(ValidChallenge challenge) {
    return disputes.answers.check(challenge, disputes.production()).answer().orElseThrow();
  }

  @Test
  void theSameTwiceIsOne() {
    ValidChallenge challenge = disputes.valid(disputes.audit());
    assertEquals(Challenges.Admission.OPENED, challenges.open(challenge));
    assertEquals(Challenges.Admission.KNOWN, challenges.open(disputes.valid(challenge.encoded())));
    assertEquals(1, challenges.open().size());
  }

  @Test
  void itIsOverdueOnceItsTargetHasHadItsTime() {
    ValidChallenge challenge = disputes.valid(disputes.audit());
    challenges.open(challenge);
    assertEquals(Optional.empty(), challenges.overdue("beta", Long.MAX_VALUE, PATIENCE));
    challenges.put(challenge.id(), 500);
    challenges.put(challenge.id(), 5_000);
    assertEquals(Optional.empty(), challenges.overdue("beta", 10_499, PATIENCE));
    assertTrue(challenges.overdue("beta", 10_500, PATIENCE).isPresent());
    assertEquals(Optional.empty(), challenges.overdue("alpha", 10_500, PATIENCE));
  }

  @Test
  void anAnswerDischargesAndIsKept() {
    ValidChallenge challenge = disputes.valid(disputes.audit());
    challenges.open(challenge);
    challenges.put(challenge.id(), 0);
    VerifiedAnswer answer = production(challenge);
    assertTrue(challenges.answered(answer));
    assertFalse(challenges.answered(answer));
    assertEquals(Optional.empty(), challenges.overdue("beta", Long.MAX_VALUE, PATIENCE));
    assertEquals(Optional.of(answer.encoded()), challenges.answer(challenge.id()));
    assertEquals(Challenges.Admission.ANSWERED, challenges.open(challenge));
    assertFalse(challenges.isOpen(challenge.id()));
  }

  @Test
  void whatIsConfirmedIsNotOpenedAgain() {
    ValidChallenge challenge = disputes.valid(disputes.audit());
    challenges.confirmed(challenge.id());
    assertEquals(Challenges.Admission.OPENED, challenges.open(challenge));
    challenges.confirmed(challenge.id());
    assertFalse(challenges.isOpen(challenge.id()));
    assertEquals(Challenges.Admission.CONFIRMED, challenges.open(challenge));
    assertEquals(Optional.empty(), challenges.answer(challenge.id()));
    // Others are heard, and in the end this one is again.
    for (int i = 0; i < Challenges.MAX_CONFIRMED; i++) {
      Statement transaction = disputes.court.put("beta", "k" + i + "=v");
      ValidChallenge other =
          disputes.valid(new Challenge.Client(transaction.encoded(), Optional.empty()));
      assertEquals(Challenges.Admission.OPENED, challenges.open(other));
      challenges.confirmed(other.id());
    }
    assertEquals(Challenges.Admission.OPENED, challenges.open(challenge));
  }

  @Test
  void evidenceMakesMootWhatItsCulpritHasAPartIn() {
    ValidChallenge byAlpha = audit("beta", "alpha", 1);
    ValidChallenge ofAlphasMessages = disputes.valid(disputes.message());
    ValidChallenge againstAlpha = audit("alpha", "gamma", 1);
    ValidChallenge other = audit("beta", "delta", 1);
    List<ValidChallenge> all = List.of(byAlpha, ofAlphasMessages, againstAlpha, other);
    all.forEach(challenges::open);
    assertEquals(List.of(byAlpha, ofAlphasMessages, againstAlpha), challenges.exposed("alpha"));
    assertEquals(List.of(other), challenges.open().stream().map(o -> o.challenge()).toList());
  }

  @Test
  void aFloodOfOneChallengerStopsAtItsQuota() {
    for (int i = 0; i < Challenges.MAX_PER_PAIR; i++) {
      assertEquals(Challenges.Admission.OPENED, challenges.open(audit("beta", "delta", i)));
    }
    assertEquals(
        Challenges.Admission.CHALLENGER_QUOTA,
        challenges.open(audit("beta", "delta", Challenges.MAX_PER_PAIR)));
    // Others are heard, and so is it about others.
    assertEquals(Challenges.Admission.OPENED, challenges.open(audit("beta", "gamma", 0)));
    assertEquals(Challenges.Admission.OPENED, challenges.open(audit("alpha", "delta", 0)));
  }

  /** A consortium large enough that one challenger, or all against one, are too many. */
  private static final class Crowd {
    private final TestNetwork network =
        TestNetwork.of(
            Parameters.of(0, 1),
            new ObjectStore().id(),
            Bytes.EMPTY,
            IntStream.range(0, 20).mapToObj(Crowd::name).toArray(String[]::new));
    private final ChallengeRule rule = ChallengeRule.founding(network.genesis(), new ObjectStore());
    private long ids;

    static String name(int number) {
      return "n" + number;
    }

    ValidChallenge challenge(int target, int challenger) {
      Statement transaction =
          Statement.sign(
              network.genesis().networkId(),
              Transaction.TYP,
              new Transaction(
                      name(target),
                      Transaction.clientId(TestNetwork.FOUNDED_MILLIS + 60_000, ids++),
                      Court.CLIENT.publicKey().toBytes(),
                      Bytes.utf8("k=v"))
                  .encode(),
              Court.CLIENT);
      return rule.check(
              new Challenge(
                      Challenge.Target.of(network.node(name(target))),
                      name(challenger),
                      new Challenge.Client(transaction.encoded(), Optional.empty()))
                  .sign(network.genesis().networkId(), network.logKey(name(challenger)))
                  .encoded())
          .valid()
          .orElseThrow();
    }
  }

  @Test
  void aChallengerHasSoManyOpenHoweverManyItAsks() {
    Crowd crowd = new Crowd();
    int targets = Challenges.MAX_PER_CHALLENGER / Challenges.MAX_PER_PAIR;
    for (int target = 1; target <= targets; target++) {
      for (int i = 0; i < Challenges.MAX_PER_PAIR; i++) {
        assertEquals(Challenges.Admission.OPENED, challenges.open(crowd.challenge(target, 0)));
      }
    }
    assertEquals(
        Challenges.Admission.CHALLENGER_QUOTA, challenges.open(crowd.challenge(targets + 1, 0)));
    assertEquals(
        Challenges.Admission.OPENED, challenges.open(crowd.challenge(targets + 1, targets + 2)));
  }

  @Test
  void aTargetIsAskedSoMuchHoweverManyAsk() {
    Crowd crowd = new Crowd();
    int challengers = Challenges.MAX_PER_TARGET / Challenges.MAX_PER_PAIR;
    for (int challenger = 1; challenger <= challengers; challenger++) {
      for (int i = 0; i < Challenges.MAX_PER_PAIR; i++) {
        assertEquals(Challenges.Admission.OPENED, challenges.open(crowd.challenge(0, challenger)));
      }
    }
    assertEquals(
        Challenges.Admission.TARGET_QUOTA, challenges.open(crowd.challenge(0, challengers + 1)));
    assertEquals(Challenges.Admission.OPENED, challenges.open(crowd.challenge(1, challengers + 1)));
  }

  @Test
  void theBytesOfKeptAnswersAreBounded() {
    Disputes large = new Disputes();
    String value = "v".repeat(4_000);
    long first = large.beta.size();
    for (int i = 0; i < Challenge.MAX_ENTRIES; i++) {
      large.beta.transaction(large.court.put("beta", "k=" + value)).endState();
    }
    List<Hash> asked = new ArrayList<>();
    long bytes = 0;
    for (long from = first; bytes <= Challenges.MAX_ANSWER_BYTES; from++) {
      long to = from + Challenge.MAX_ENTRIES;
      ValidChallenge challenge =
          large.valid(
              new Challenge.Audit(large.beta.checkpoint().bytes(), from, Challenge.MAX_ENTRIES));
      List<Bytes> shown = new ArrayList<>();
      for (long index = from; index < to; index++) {
        shown.add(large.beta.entry(index));
      }
      Bytes answer =
          Answer.producing(shown, Multiproof.buildRange(large.beta, large.beta.size(), from, to));
      bytes += answer.size();
      challenges.open(challenge);
      challenges.answered(large.answers.check(challenge, answer).answer().orElseThrow());
      asked.add(challenge.id());
    }
    assertTrue(asked.size() <= Challenges.MAX_ANSWERS, "it is the bytes that are too many");
    assertEquals(Optional.empty(), challenges.answer(asked.get(0)));
    assertTrue(challenges.answer(asked.get(1)).isPresent());
  }

  @Test
  void keptAnswersAreBounded() {
    List<ValidChallenge> asked = new ArrayList<>();
    Disputes many = new Disputes();
    for (int i = 0; i <= Challenges.MAX_ANSWERS; i++) {
      Statement transaction = many.court.put("beta", "k" + i + "=v");
      ValidChallenge challenge =
          many.valid(new Challenge.Client(transaction.encoded(), Optional.empty()));
      long index = many.beta.size();
      many.beta.transaction(transaction).endState();
      challenges.open(challenge);
      challenges.answered(
          many.answers.check(challenge, many.inclusion(index)).answer().orElseThrow());
      asked.add(challenge);
    }
    assertEquals(Optional.empty(), challenges.answer(asked.get(0).id()));
    assertTrue(challenges.answer(asked.get(1).id()).isPresent());
  }

  /** Against a model that is a map and nothing else. */
  @Test
  void whatIsOpenIsWhatWasOpenedAndNotDischarged() {
    List<ValidChallenge> pool = new ArrayList<>();
    for (String challenger : List.of("alpha", "gamma", "delta")) {
      for (int i = 0; i < 2 * Challenges.MAX_PER_PAIR; i++) {
        pool.add(audit("beta", challenger, i));
      }
    }
    ValidChallenge answerable = disputes.valid(disputes.audit());
    assertTrue(pool.contains(answerable));
    VerifiedAnswer answer = production(answerable);
    Seeded.run(200, random -> compare(random, pool, answer));
  }

  private static void compare(
      SplittableRandom random, List<ValidChallenge> pool, VerifiedAnswer answer) {
    Challenges tested = new Challenges();
    Map<Hash, Long> opened = new TreeMap<>();
    Map<Hash, Long> put = new TreeMap<>();
    boolean isAnswered = false;
    for (long now = 0; now < 100; now++) {
      ValidChallenge one = pool.get(random.nextInt(pool.size()));
      String challenger = one.challenger().node();
      switch (random.nextInt(10)) {
        case 0 -> {
          isAnswered |= opened.remove(answer.challenge().id()) != null;
          tested.answered(answer);
        }
        case 1, 2, 3 -> {
          if (opened.containsKey(one.id())) {
            put.putIfAbsent(one.id(), now);
          }
          tested.put(one.id(), now);
        }
        default -> {
          long mine =
              pool.stream()
                  .filter(other -> opened.containsKey(other.id()))
                  .filter(other -> other.challenger().node().equals(challenger))
                  .count();
          boolean isDone = isAnswered && one.equals(answer.challenge());
          if (!isDone && !opened.containsKey(one.id()) && mine < Challenges.MAX_PER_PAIR) {
            opened.put(one.id(), now);
          }
          tested.open(one);
        }
      }
      put.keySet().retainAll(opened.keySet());
      assertEquals(
          opened.keySet(),
          new TreeSet<>(tested.open().stream().map(o -> o.challenge().id()).toList()));
      long at = now;
      assertEquals(
          put.values().stream().anyMatch(first -> at - first >= 20),
          tested.overdue("beta", now, 20).isPresent());
    }
  }
}
