package org.probity.simulation.oracle;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.probity.detector.audit.AuditBudget;
import org.probity.simulation.node.Observer;

/**
 * C1, in audit rounds (protocol.md §9): whatever the scores are, an entry that a correct witness
 * has is replayed there within
 *
 * <pre>{@code 1 + ceil(sum over wards of ceil(b / (Q - K + 1)) / (phi B))}</pre>
 *
 * <p>rounds, {@code b} being what waits of a ward when the first round after its arrival begins.
 * What waits is counted here; the schedule is not asked.
 */
final class Rounds {
  private final long chunkEntries;
  private final long floorNumerator;
  private final long floorDenominator;
  private final Map<String, Witness> witnesses = new TreeMap<>();

  /** Of one run of a process. */
  private static final class Witness {
    private long round;
    private final Map<String, Log> logs = new TreeMap<>();
  }

  private static final class Log {
    private long known;
    private final Deque<Waiting> waiting = new ArrayDeque<>();
  }

  /** Entries up to {@code size} are replayed when round {@code due} is over. */
  private record Waiting(long size, long due) {}

  /** Entries up to {@code size} of a log are not replayed when they must be. */
  record Late(String ward, long size) {}

  Rounds(AuditBudget budget) {
    this.chunkEntries = (long) budget.chunkEntries() - budget.maxBatchEntries() + 1;
    this.floorNumerator = (long) budget.floorNumerator() * budget.slotsPerRound();
    this.floorDenominator = budget.floorDenominator();
  }

  /** A process begins: there is no round of it. */
  void begin(String witness) {
    witnesses.put(witness, new Witness());
  }

  /** In how many rounds all is replayed that waits now. */
  long term(List<Observer.Progress> wards) {
    long chunks = 0;
    for (Observer.Progress ward : wards) {
      chunks += Bound.ceiling(ward.stored() - ward.before(), chunkEntries);
    }
    return Bound.ceiling(chunks * floorDenominator, floorNumerator);
  }

  /** A round is over; what it has come too late with, once. */
  Optional<Late> round(String by, List<Observer.Progress> wards) {
    Witness witness = witnesses.computeIfAbsent(by, none -> new Witness());
    witness.round++;
    long due = witness.round + term(wards);
    Map<String, Log> logs = new TreeMap<>();
    Optional<Late> late = Optional.empty();
    for (Observer.Progress ward : wards) {
      Log log = witness.logs.getOrDefault(ward.ward().format(), new Log());
      logs.put(ward.ward().format(), log);
      if (ward.stored() > log.known) {
        log.known = ward.stored();
        log.waiting.add(new Waiting(ward.stored(), due));
      }
      while (!log.waiting.isEmpty() && log.waiting.getFirst().size() <= ward.after()) {
        log.waiting.remove();
      }
      if (!log.waiting.isEmpty() && log.waiting.getFirst().due() <= witness.round) {
        Waiting first = log.waiting.remove();
        late = Optional.of(new Late(ward.ward().node(), first.size()));
      }
    }
    witness.logs.clear();
    witness.logs.putAll(logs);
    return late;
  }
}
