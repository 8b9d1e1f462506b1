package org.probity.detector.node;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.probity.detector.log.SignedCheckpoint;

/**
 * What a node that starts has asked the others about its log, and what it has heard (protocol.md
 * §11.1): whom to ask next, who is silent, and by all that what {@link BootGate} says. With
 * everybody there that is one question to each; whoever has not answered is asked again as long as
 * the gate is closed.
 *
 * <p>For example: of four others b and c answer at once and d refuses, because it starts itself. d
 * is asked again, and silent {@value #SILENCE_MILLIS} ms after the first question to anybody,
 * unless it has answered by then.
 *
 * <p>Pure: times are milliseconds of one monotonic clock, given by the caller. Not thread-safe.
 */
public final class BootInquiry {
  /**
   * Who has not answered until then, however often it was asked, is silent: after a power cut all
   * come up within seconds, and refuse until they do.
   */
  public static final long SILENCE_MILLIS = 5_000;

  /** Whose answer is older than this is asked again. */
  public static final long STALE_MILLIS = 5_000;

  private final long sinceMillis;
  private final Map<String, BootGate.Answer> answers = new TreeMap<>();
  private final Map<String, Long> answeredMillis = new HashMap<>();
  private final Set<String> unanswered = new TreeSet<>();

  /**
   * Since when a node claims decisions that were not known here; for good, or it could do so again.
   */
  private final Map<String, Long> aheadMillis = new TreeMap<>();

  private final Set<String> asking = new TreeSet<>();
  private Set<String> waitingFor = Set.of();

  /**
   * Begins.
   *
   * @param elapsedMillis now
   */
  public BootInquiry(long elapsedMillis) {
    this.sinceMillis = elapsedMillis;
  }

  /** When it began. */
  public long sinceMillis() {
    return sinceMillis;
  }

  /**
   * Whom to ask now. Each of them is not due again before it is told here what has come of it.
   *
   * @param gate as things are known now
   */
  public List<String> due(BootGate gate, long elapsedMillis) {
    List<String> due = new ArrayList<>();
    for (String node : gate.asked()) {
      if (isDue(node, elapsedMillis) && asking.add(node)) {
        due.add(node);
      }
    }
    return due;
  }

  private boolean isDue(String node, long elapsedMillis) {
    Long answered = answeredMillis.get(node);
    return answered == null || waitingFor.contains(node) || elapsedMillis - answered > STALE_MILLIS;
  }

  /**
   * A node has answered; its newest answer counts.
   *
   * @param knownEpoch so many decisions are known here
   * @return whether it claims to know more: it is to be asked for them
   */
  public boolean answered(
      String node, BootGate.Answer answer, long knownEpoch, long elapsedMillis) {
    asking.remove(node);
    unanswered.remove(node);
    answers.put(node, answer);
    answeredMillis.put(node, elapsedMillis);
    boolean isAhead = answer.epoch() > knownEpoch;
    if (isAhead) {
      aheadMillis.putIfAbsent(node, elapsedMillis);
    }
    return isAhead;
  }

  /** A node has refused, could not be reached, or has said what is no answer. */
  public void unanswered(String node) {
    asking.remove(node);
    unanswered.add(node);
  }

  /** What the gate says by all that was heard so far. */
  public BootGate.Verdict judge(BootGate gate, BootGate.Own own, long elapsedMillis) {
    BootGate.Verdict verdict = gate.judge(own, answers, silent(elapsedMillis));
    if (verdict instanceof BootGate.Closed closed) {
      waitingFor = closed.waitingFor();
    }
    return verdict;
  }

  /**
   * SPEC protocol.md §11.1: answered or timed out. A refusal is neither, nor is an answer by
   * decisions that are not known here: its node has as long to tell them.
   */
  private Set<String> silent(long elapsedMillis) {
    Set<String> silent = new TreeSet<>();
    if (elapsedMillis - sinceMillis > SILENCE_MILLIS) {
      silent.addAll(unanswered);
    }
    aheadMillis.forEach(
        (node, since) -> {
          if (elapsedMillis - since > SILENCE_MILLIS) {
            silent.add(node);
          }
        });
    return silent;
  }

  /**
   * Who may have what is missing.
   *
   * @param shownBy have shown a checkpoint of at least that size
   * @param others have answered
   */
  public record Holders(List<String> shownBy, List<String> others) {
    /** Copies. */
    public Holders {
      shownBy = List.copyOf(shownBy);
      others = List.copyOf(others);
    }

    /** In the order in which to ask them. */
    public List<String> all() {
      List<String> all = new ArrayList<>(shownBy);
      all.addAll(others);
      return all;
    }
  }

  /** Whom to ask for the entries up to there. */
  public Holders holders(SignedCheckpoint upTo) {
    List<String> shownBy = new ArrayList<>();
    List<String> others = new ArrayList<>();
    answers.forEach(
        (node, answer) -> {
          boolean isThere = answer.held().filter(it -> it.size() >= upTo.size()).isPresent();
          (isThere ? shownBy : others).add(node);
        });
    return new Holders(shownBy, others);
  }

  /** Nobody had what is missing: everybody's answer may be another one by now. */
  public void inVain(BootGate gate) {
    waitingFor = gate.asked();
  }
}
