package org.probity.detector.node;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.probity.detector.codec.Bytes;

/**
 * Who waits and who stops when two processes run with one key (protocol.md §11.5). Each process
 * draws a run id when it starts, shows its {@link RunSign} to others again and again, and hears
 * from them what other runs have shown.
 *
 * <ul>
 *   <li>A process that starts and hears of a run that showed itself within the lease waits one
 *       lease from its own first question, whoever says so and however often: a sign may be old,
 *       since whoever has kept it may show it again. So liars delay a start by one lease, and no
 *       more.
 *   <li>Only a sign that names the own run is proof that another process lives: nobody knew that id
 *       before. Whoever starts gives way to one that signs; of two that start, or two that sign,
 *       the one with the smaller id gives way. So both come to the same result, and neither
 *       believes anybody.
 *   <li>A run that is known to be over is nobody: a process that goes on with the same files on the
 *       same machine knows that those before it are.
 * </ul>
 *
 * <p>For example: a signs, and b is started with a copy of its store. A witness tells b of a, so b
 * waits. At its next sign a is told of b, and in the one after it names b, which ends b. Had b been
 * the first to sign, because a reached nobody, then one of them would end as soon as both reach one
 * correct witness.
 *
 * <p>Pure: times are milliseconds of one monotonic clock, given by the caller. Not thread-safe.
 */
public final class StartLease {
  private final Bytes run;
  private final Set<Bytes> over;
  private final long leaseMillis;
  private final long sinceMillis;

  /** Other runs, by who has told of them last. What one says does not crowd out what others say. */
  private final Map<String, List<Bytes>> seen = new TreeMap<>();

  /** When those who have answered were asked. */
  private final Map<String, Long> asked = new TreeMap<>();

  /** Who tells of another run that showed itself within the lease. */
  private final Set<String> alarmed = new TreeSet<>();

  private boolean isSigning;
  private Optional<RunSign> winner = Optional.empty();

  /**
   * @param run the own one
   * @param over former runs that certainly are
   * @param nowMillis when the process begins to ask
   */
  public StartLease(Bytes run, Set<Bytes> over, long leaseMillis, long nowMillis) {
    this.run = run;
    this.over = new TreeSet<>(over);
    this.leaseMillis = leaseMillis;
    this.sinceMillis = nowMillis;
  }

  /** What this process has to show that node now. */
  public RunSign sign(String node) {
    return new RunSign(run, isSigning, seen.getOrDefault(node, List.of()));
  }

  /** From now on it signs its log. */
  public void signing() {
    isSigning = true;
  }

  /**
   * A run that somebody tells of.
   *
   * @param sign its last one, signed by the own key
   * @param ageMillis since it was shown, by the word of whoever tells
   */
  public record Told(RunSign sign, long ageMillis) {}

  /**
   * A node has answered, and tells of these.
   *
   * @param askedMillis when it was asked: it has heard of this run since then at the latest
   */
  public void heard(String by, List<Told> runs, long askedMillis) {
    asked.merge(by, askedMillis, Math::max);
    List<Told> others =
        runs.stream()
            .filter(it -> !it.sign().run().equals(run) && !over.contains(it.sign().run()))
            .limit(RunSign.MAX_SEEN)
            .toList();
    seen.put(by, others.stream().map(it -> it.sign().run()).toList());
    if (others.stream().anyMatch(it -> it.ageMillis() < leaseMillis)) {
      alarmed.add(by);
    } else {
      alarmed.remove(by);
    }
    others.stream()
        .map(Told::sign)
        .filter(it -> it.seen().contains(run) && givesWayTo(it))
        .findFirst()
        .ifPresent(other -> winner = Optional.of(other));
  }

  private boolean givesWayTo(RunSign other) {
    return other.isSigning() == isSigning ? run.compareTo(other.run()) < 0 : other.isSigning();
  }

  /** The other process, if this one must end: by its own signature, and by nobody's word. */
  public Optional<RunSign> winner() {
    return winner;
  }

  /**
   * Who has answered a question that was put then or later. An older answer is none: whoever asks
   * that node now may have heard that this run is over.
   */
  public Set<String> answered(long sinceMillis) {
    Set<String> answered = new TreeSet<>();
    asked.forEach(
        (node, atMillis) -> {
          if (atMillis >= sinceMillis) {
            answered.add(node);
          }
        });
    return answered;
  }

  /** Who tells of another run for which this one still waits; empty if it need not. */
  public Set<String> waitsFor(long nowMillis) {
    return nowMillis - sinceMillis < leaseMillis ? new TreeSet<>(alarmed) : Set.of();
  }
}
