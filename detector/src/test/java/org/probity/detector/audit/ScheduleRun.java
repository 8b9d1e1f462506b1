package org.probity.detector.audit;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.BiFunction;
import org.probity.detector.Seeded;
import org.probity.detector.codec.Bytes;

/**
 * A schedule under random arrivals and the scores of an adversary, and an observer that knows
 * nothing of chunks: it remembers when each batch arrived, computes the theorem's bound from the
 * backlogs, and looks at the slots.
 */
final class ScheduleRun {

  /** What the scores are up to. */
  enum Scorer {
    SILENT,
    CONSTANT,
    RANDOM,
    NOT_A_NUMBER,
    THROWING,
    /** Everybody but one ward is suspicious. */
    STARVING,
    /** Suspects whoever has least to audit. */
    WASTING,
    /** Suspects whoever was audited last, so that the oldest waits. */
    ADVERSARIAL,
    DRIFTING;

    Priority score(SplittableRandom random, int ward, long round, ScheduleRun run) {
      return switch (this) {
        case SILENT -> Priority.NONE;
        case CONSTANT -> Priority.of(20);
        case RANDOM -> Priority.of(random.nextDouble(-5, 25));
        case NOT_A_NUMBER ->
            Priority.of(random.nextBoolean() ? Double.NaN : Double.POSITIVE_INFINITY);
        case THROWING ->
            Priority.from(
                () -> {
                  throw new IllegalStateException();
                });
        case STARVING -> Priority.of(ward == 0 ? 0 : 20);
        case WASTING -> Priority.of(run.backlog(ward) <= run.leastBacklog() ? 20 : 0);
        case ADVERSARIAL -> Priority.of(run.oldestWaiting(ward) > run.oldestWaiting() ? 20 : 0);
        case DRIFTING -> Priority.of(round * 0.2);
      };
    }
  }

  /** A batch that waits, and the round that must have audited it. */
  private record Pending(long from, long to, long arrivedRound, long lastRound) {}

  private static final int ROUNDS_OF_ARRIVALS = 40;

  private final AuditBudget budget;
  private final AuditSchedule schedule;
  private final SplittableRandom random;
  private final Scorer scorer;
  private final List<Deque<Pending>> pending = new ArrayList<>();
  private final long[] size;
  private final double[] batchesPerRound;
  private final int batchEntries;
  private final boolean oversized;
  private final boolean discounts;
  private long round;

  /** Batches that a bound was computed and kept for. */
  int checked;

  /** Slots that a score gave. */
  int scoreSlots;

  ScheduleRun(SplittableRandom random, BiFunction<AuditBudget, Bytes, AuditSchedule> make) {
    this.random = random;
    int maxBatch = 1 + random.nextInt(random.nextBoolean() ? 4 : 32);
    int chunk = maxBatch + random.nextInt(random.nextBoolean() ? 4 : 100);
    int denominator = 1 + random.nextInt(12);
    int slots = 1 + random.nextInt(random.nextBoolean() ? 3 : 12);
    this.budget =
        new AuditBudget(
            slots,
            chunk,
            maxBatch,
            1 + random.nextInt(denominator),
            denominator,
            random.nextInt(5),
            random.nextInt(5),
            random.nextBoolean() ? 0.98 : random.nextDouble());
    this.schedule = make.apply(budget, Bytes.wrap(Seeded.bytes(random, 32)));
    this.scorer = Scorer.values()[random.nextInt(Scorer.values().length)];
    int wards = 1 + random.nextInt(12);
    this.size = new long[wards];
    this.batchesPerRound = new double[wards];
    // From idle to four times what all slots together could take.
    double load = random.nextDouble(0.2, 4);
    this.batchEntries = 1 + random.nextInt(maxBatch);
    for (int ward = 0; ward < wards; ward++) {
      pending.add(new ArrayDeque<>());
      double share = random.nextInt(4) == 0 ? random.nextDouble(0, 0.2) : random.nextDouble(0, 2);
      batchesPerRound[ward] = Math.min(40, load * share * slots * chunk / batchEntries / wards);
    }
    this.oversized = random.nextInt(8) == 0;
    this.discounts = random.nextBoolean();
  }

  /** What went wrong first, if anything did. */
  Optional<String> violation() {
    while (round < ROUNDS_OF_ARRIVALS || anyPending()) {
      if (round < ROUNDS_OF_ARRIVALS) {
        arrivals();
      }
      for (int ward = 0; ward < size.length; ward++) {
        schedule.priority(name(ward), scorer.score(random, ward, round, this));
      }
      long waiting = waitingChunks();
      List<AuditSlot> slots = schedule.round();
      // Work is conserved: nothing waits while a slot is unused.
      if (slots.size() != Math.min(budget.slotsPerRound(), waiting)) {
        return Optional.of("round " + round + ": " + slots.size() + " slots, waiting " + waiting);
      }
      Optional<String> broken = audit(slots).or(this::overdue).or(this::late);
      if (broken.isPresent()) {
        return broken.map(what -> what + " under " + scorer + " and " + budget);
      }
      round++;
    }
    return Optional.empty();
  }

  private void arrivals() {
    long[] before = size.clone();
    List<List<long[]>> batches = new ArrayList<>();
    for (int ward = 0; ward < size.length; ward++) {
      batches.add(new ArrayList<>());
      int count = (int) (batchesPerRound[ward] + random.nextDouble());
      for (int batch = 0; batch < count; batch++) {
        int entries = 1 + random.nextInt(batchEntries);
        if (oversized && random.nextInt(10) == 0) {
          entries = 1 + random.nextInt(3 * budget.chunkEntries());
        }
        batches.get(ward).add(new long[] {size[ward], size[ward] + entries});
        size[ward] += entries;
        schedule.arrived(name(ward), size[ward]);
      }
    }
    long bound = bound(before);
    if (bound != schedule.boundRounds()) {
      throw new AssertionError("bound " + schedule.boundRounds() + " instead of " + bound);
    }
    for (int ward = 0; ward < size.length; ward++) {
      for (long[] batch : batches.get(ward)) {
        pending.get(ward).add(new Pending(batch[0], batch[1], round, round + bound - 1));
      }
    }
  }

  /** 1 + ceil( sum_i ceil(b_i/(Q-K+1)) / (phi*B) ), straight from protocol.md §9. */
  private long bound(long[] before) {
    double sum = 0;
    for (int ward = 0; ward < size.length; ward++) {
      long backlog = size[ward] - auditedBelow(ward, before[ward]);
      sum += Math.ceil((double) backlog / (budget.chunkEntries() - budget.maxBatchEntries() + 1));
    }
    double share =
        (double) budget.floorNumerator() * budget.slotsPerRound() / budget.floorDenominator();
    return 1 + (long) Math.ceil(sum / share - 1e-9);
  }

  private long auditedBelow(int ward, long otherwise) {
    return pending.get(ward).isEmpty() ? otherwise : pending.get(ward).getFirst().from();
  }

  private Optional<String> audit(List<AuditSlot> slots) {
    for (AuditSlot slot : slots) {
      int ward = Integer.parseInt(slot.ward().substring(1));
      if (slot.entries() < 1 || slot.entries() > budget.chunkEntries()) {
        return Optional.of("a slot of " + slot.entries() + " entries");
      }
      if (slot.fromIndex() != auditedBelow(ward, -1)) {
        return Optional.of("round " + round + ": not where the audits had come to: " + slot);
      }
      scoreSlots += slot.lane() == AuditLane.SCORE ? 1 : 0;
      Optional<String> late = drain(ward, slot.toIndex());
      if (late.isPresent()) {
        return late;
      }
      if (discounts) {
        schedule.done(slot.ward(), slot.toIndex(), true);
      }
    }
    return Optional.empty();
  }

  private Optional<String> drain(int ward, long to) {
    Deque<Pending> queue = pending.get(ward);
    while (!queue.isEmpty() && queue.getFirst().from() < to) {
      Pending batch = queue.removeFirst();
      if (round > batch.lastRound()) {
        return Optional.of("audited in round " + round + ": " + batch);
      }
      if (batch.to() > to) {
        if (batch.to() - batch.from() <= budget.maxBatchEntries() && !oversized) {
          return Optional.of("a slot that ends within a batch: " + batch);
        }
        queue.addFirst(new Pending(to, batch.to(), batch.arrivedRound(), batch.lastRound()));
      } else {
        checked++;
      }
    }
    return Optional.empty();
  }

  private Optional<String> overdue() {
    return pending.stream()
        .flatMap(Deque::stream)
        .filter(batch -> batch.lastRound() < round)
        .findFirst()
        .map(batch -> "not audited by round " + round + ": " + batch);
  }

  private Optional<String> late() {
    for (int ward = 0; ward < size.length; ward++) {
      if (schedule.lateRounds(name(ward)) > 0) {
        return Optional.of("round " + round + ": said to be late: " + name(ward));
      }
    }
    return Optional.empty();
  }

  private long waitingChunks() {
    long chunks = 0;
    for (int ward = 0; ward < size.length; ward++) {
      chunks += schedule.lag(name(ward)).chunks();
    }
    return chunks;
  }

  private boolean anyPending() {
    return pending.stream().anyMatch(queue -> !queue.isEmpty());
  }

  private long backlog(int ward) {
    return size[ward] - auditedBelow(ward, size[ward]);
  }

  private long leastBacklog() {
    long least = Long.MAX_VALUE;
    for (int ward = 0; ward < size.length; ward++) {
      least = backlog(ward) == 0 ? least : Math.min(least, backlog(ward));
    }
    return least;
  }

  private long oldestWaiting(int ward) {
    return pending.get(ward).isEmpty() ? round : pending.get(ward).getFirst().arrivedRound();
  }

  private long oldestWaiting() {
    long oldest = round;
    for (int ward = 0; ward < size.length; ward++) {
      oldest = Math.min(oldest, oldestWaiting(ward));
    }
    return oldest;
  }

  private static String name(int ward) {
    return "w" + ward;
  }
}
