package org.probity.detector.challenge;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.governance.NodeRecord;

/**
 * What is open against whom, since when, and what has been answered: the books of one node
 * (protocol.md §7.2). No time of its own and no order but that of arrival.
 *
 * <p>Bounded by who asks: a challenger has at most {@value #MAX_PER_CHALLENGER} open, {@value
 * #MAX_PER_PAIR} of them against one target, and a target is asked at most {@value #MAX_PER_TARGET}
 * at once. So no challenger, alone or with a few friends, keeps out the others'.
 *
 * <p>Not thread-safe; owned by the core.
 */
public final class Challenges {
  public static final int MAX_PER_CHALLENGER = 64;
  public static final int MAX_PER_PAIR = 16;
  public static final int MAX_PER_TARGET = 256;

  /** Answers kept for whoever asks again; the oldest go first. */
  static final int MAX_ANSWERS = 256;

  static final int MAX_ANSWER_BYTES = 8 << 20;

  /** Challenges remembered as confirmed; the oldest are forgotten first. */
  static final int MAX_CONFIRMED = 1024;

  private final Map<Hash, Case> open = new LinkedHashMap<>();
  private final Map<Hash, Bytes> answers = new LinkedHashMap<>();
  private final Set<Hash> confirmed = new LinkedHashSet<>();
  private long answerBytes;

  /** What became of a challenge that somebody holds out to us. */
  public enum Admission {
    /** It is open now. */
    OPENED,
    /** It was open already. */
    KNOWN,
    /** The target has answered it: {@link #answer}. */
    ANSWERED,
    /** Enough witnesses of the target hold what it asks for. */
    CONFIRMED,
    /** The challenger has too much open, here or against this target. */
    CHALLENGER_QUOTA,
    /** Too much is open against the target. */
    TARGET_QUOTA
  }

  private static final class Case {
    private final ValidChallenge challenge;
    private @Nullable Long firstPutElapsed;

    Case(ValidChallenge challenge) {
      this.challenge = challenge;
    }
  }

  /**
   * One that is open.
   *
   * @param firstPutElapsed when it was first put to the target from here; empty if not yet
   */
  public record Open(ValidChallenge challenge, OptionalLong firstPutElapsed) {
    /** Whether the target has had its time: {@code patienceMillis} since it was first asked. */
    public boolean isOverdue(long elapsedMillis, long patienceMillis) {
      return firstPutElapsed.isPresent()
          && elapsedMillis - firstPutElapsed.getAsLong() >= patienceMillis;
    }
  }

  /** Takes a challenge in, once. Cost: linear in what is open. */
  public Admission open(ValidChallenge challenge) {
    if (answers.containsKey(challenge.id())) {
      return Admission.ANSWERED;
    }
    if (open.containsKey(challenge.id())) {
      return Admission.KNOWN;
    }
    if (confirmed.contains(challenge.id())) {
      return Admission.CONFIRMED;
    }
    String challenger = challenge.challenger().node();
    String target = challenge.target().node();
    // SPEC protocol.md §7.2: quota per challenger.
    if (count(by(challenger)) >= MAX_PER_CHALLENGER
        || count(by(challenger).and(against(target))) >= MAX_PER_PAIR) {
      return Admission.CHALLENGER_QUOTA;
    }
    if (count(against(target)) >= MAX_PER_TARGET) {
      return Admission.TARGET_QUOTA;
    }
    open.put(challenge.id(), new Case(challenge));
    return Admission.OPENED;
  }

  /** It is put to its target now; the first time counts. */
  public void put(Hash id, long elapsedMillis) {
    Case one = open.get(id);
    if (one != null && one.firstPutElapsed == null) {
      one.firstPutElapsed = elapsedMillis;
    }
  }

  /**
   * The target has answered.
   *
   * @return whether it was open
   */
  public boolean answered(VerifiedAnswer answer) {
    Hash id = answer.challenge().id();
    if (open.remove(id) == null) {
      return false;
    }
    keep(id, answer.encoded());
    return true;
  }

  /** Nothing needs to be asked here any more: the witnesses have it. */
  public void confirmed(Hash id) {
    if (open.remove(id) != null) {
      confirmed.add(id);
      if (confirmed.size() > MAX_CONFIRMED) {
        confirmed.remove(confirmed.iterator().next());
      }
    }
  }

  private void keep(Hash id, Bytes answer) {
    answers.put(id, answer);
    answerBytes += answer.size();
    while (answers.size() > MAX_ANSWERS || answerBytes > MAX_ANSWER_BYTES) {
      Map.Entry<Hash, Bytes> oldest = answers.entrySet().iterator().next();
      answerBytes -= oldest.getValue().size();
      answers.remove(oldest.getKey());
    }
  }

  /** What the target has answered, if that is still kept. */
  public Optional<Bytes> answer(Hash id) {
    return Optional.ofNullable(answers.get(id));
  }

  /**
   * There is evidence against a node: what it asks and what is asked in its name is moot, and so is
   * what it is asked.
   *
   * @return what is not open any more
   */
  public List<ValidChallenge> exposed(String node) {
    return moot(by(node).or(against(node)).or(challenge -> isSender(challenge, node)));
  }

  /**
   * Members have closed an incarnation: what it asks, is asked, and what is asked in its name is
   * moot. Whoever still waits for its messages asks again under the next one's checkpoint.
   *
   * @return what is not open any more
   */
  public List<ValidChallenge> closed(NodeRecord incarnation) {
    return moot(
        challenge ->
            challenge.target().equals(incarnation)
                || challenge.challenger().equals(incarnation)
                || (challenge.claim() instanceof Claim.Message message
                    && message.sender().equals(incarnation)));
  }

  private List<ValidChallenge> moot(Predicate<ValidChallenge> rule) {
    List<ValidChallenge> moot = all().filter(rule).toList();
    moot.forEach(challenge -> open.remove(challenge.id()));
    return moot;
  }

  private static boolean isSender(ValidChallenge challenge, String node) {
    return challenge.sender().filter(node::equals).isPresent();
  }

  public boolean isOpen(Hash id) {
    return open.containsKey(id);
  }

  /** Everything that is open, in the order of arrival. */
  public List<Open> open() {
    List<Open> all = new ArrayList<>();
    for (Case one : open.values()) {
      Long put = one.firstPutElapsed;
      all.add(new Open(one.challenge, put == null ? OptionalLong.empty() : OptionalLong.of(put)));
    }
    return all;
  }

  /** The one that has been overdue against {@code target} for longest. */
  public Optional<Open> overdue(String target, long elapsedMillis, long patienceMillis) {
    return open().stream()
        .filter(one -> against(target).test(one.challenge()))
        .filter(one -> one.isOverdue(elapsedMillis, patienceMillis))
        .min(Comparator.comparingLong(one -> one.firstPutElapsed().getAsLong()));
  }

  private long count(Predicate<ValidChallenge> which) {
    return all().filter(which).count();
  }

  private Stream<ValidChallenge> all() {
    return open.values().stream().map(one -> one.challenge);
  }

  private static Predicate<ValidChallenge> by(String challenger) {
    return challenge -> challenge.challenger().node().equals(challenger);
  }

  private static Predicate<ValidChallenge> against(String target) {
    return challenge -> challenge.target().node().equals(target);
  }
}
