package org.probity.node.runtime;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.probity.detector.audit.AuditBudget;
import org.probity.detector.audit.AuditLag;
import org.probity.detector.audit.AuditLane;
import org.probity.detector.audit.AuditSchedule;
import org.probity.detector.audit.AuditSlot;
import org.probity.detector.audit.Priority;
import org.probity.detector.codec.Bytes;
import org.probity.detector.governance.Parameters;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rounds of {@link AuditSchedule} in real time (protocol.md §9): which ward is replayed next,
 * and how far.
 *
 * <p>A round begins as soon as something waits, the slots of the round before have ended and its
 * interval is over; an idle node has no rounds. Each slot is replayed by its ward on the ward's own
 * thread and ends in one of three ways ({@link End}).
 *
 * <p>Nothing one ward does stops the rounds. A slot that fails puts its ward on hold until the ward
 * says that it can go on; one that has not ended after {@link #SLOT_PATIENCE_MILLIS} does so until
 * it ends. The theorem's bound counts neither. What is on hold keeps its place, and {@link #late}
 * tells how long it has outlived the bound.
 *
 * <p>Thread-safe. The schedule keeps nothing durable: after a restart each ward says from where on
 * its log is to be audited.
 */
final class AuditRounds implements AuditRota {
  private static final Logger LOG = LoggerFactory.getLogger(AuditRounds.class);

  /** A slot that takes longer does not hold up other wards any more. */
  static final long SLOT_PATIENCE_MILLIS = 10_000;

  /** How often {@link #look} is called. */
  static final long LOOK_MILLIS = 1_000;

  /** Runs a task after a pause, on any thread. */
  interface Timer {
    void after(long millis, Runnable task);
  }

  /**
   * What is known of the audits of one ward.
   *
   * @param lag as the schedule has it
   * @param lateRounds beyond the bound
   * @param lastLane why its last slot was given; empty before the first
   */
  record Standing(AuditLag lag, long lateRounds, Optional<AuditLane> lastLane) {}

  /**
   * A slot as it was given.
   *
   * @param round counted from the start
   * @param place among the slots of that round, from 1
   * @param places how many these were
   * @param asked whether a person had asked for it
   * @param boundRounds within so many was to be replayed what waited then, whatever the scores
   */
  record Given(
      AuditSlot slot, long round, int place, int places, boolean asked, long boundRounds) {}

  private final AuditSchedule schedule;
  private final double scoreThreshold;
  private final AuditHints hints;
  private final long intervalNanos;
  private final Timer timer;
  private final LongSupplier nanos;

  // All of it guarded by this.
  private final Map<String, Replays> wards = new TreeMap<>();
  private final Set<UnderWay> round = new LinkedHashSet<>();
  private final Set<UnderWay> overdue = new HashSet<>();
  private final Set<String> failed = new TreeSet<>();
  private final Set<String> toldLate = new TreeSet<>();
  private final Map<String, AuditLane> lastLane = new HashMap<>();
  private final Map<String, Long> askedSize = new HashMap<>();
  private Consumer<Given> listener = given -> {};
  private final EnumMap<AuditLane, Long> slotsByLane = new EnumMap<>(AuditLane.class);
  private boolean begun;
  private long roundBeganNanos;
  private boolean timerIsSet;
  private boolean stopped;

  /** One slot until it ends. Compared by identity. */
  private static final class UnderWay {
    private final AuditSlot slot;
    private final Replays ward;

    UnderWay(AuditSlot slot, Replays ward) {
      this.slot = slot;
      this.ward = ward;
    }
  }

  /**
   * Without wards yet.
   *
   * @param secret 32 random bytes that nobody else knows
   * @param nanos this machine's monotonic clock
   */
  AuditRounds(
      AuditBudget budget,
      Bytes secret,
      long intervalMillis,
      AuditHints hints,
      Timer timer,
      LongSupplier nanos) {
    this.schedule = AuditSchedule.create(budget, secret);
    this.scoreThreshold = budget.scoreThreshold();
    this.hints = hints;
    this.intervalNanos = TimeUnit.MILLISECONDS.toNanos(intervalMillis);
    this.timer = timer;
    this.nanos = nanos;
    for (AuditLane lane : AuditLane.values()) {
      slotsByLane.put(lane, 0L);
    }
  }

  /** With a secret and a clock of this machine's own. */
  static AuditRounds of(
      AuditSettings settings, Parameters consortium, AuditHints hints, Timer timer) {
    byte[] secret = new byte[AuditSchedule.SECRET_BYTES];
    new SecureRandom().nextBytes(secret);
    return new AuditRounds(
        settings.budget(consortium),
        Bytes.wrap(secret),
        settings.round().toMillis(),
        hints,
        timer,
        System::nanoTime);
  }

  @Override
  public void opened(Replays ward, long auditedSize, long size) {
    synchronized (this) {
      if (ward.isClosed()) {
        // It was on its way when the next log of its node took its place.
        return;
      }
      wards.put(ward.node(), ward);
      schedule.watch(ward.node(), auditedSize);
      schedule.arrived(ward.node(), size);
    }
    go();
  }

  @Override
  public void arrived(Replays ward, List<Long> sizes) {
    synchronized (this) {
      if (wards.get(ward.node()) != ward) {
        return;
      }
      sizes.forEach(size -> schedule.arrived(ward.node(), size));
    }
    go();
  }

  @Override
  public void canGoOn(Replays ward) {
    synchronized (this) {
      if (wards.get(ward.node()) != ward) {
        return;
      }
      failed.remove(ward.node());
      holdOrRelease(ward.node());
    }
    go();
  }

  /** To be told of every slot as it is given; call before there are wards. Returns at once. */
  synchronized void onGiven(Consumer<Given> told) {
    listener = told;
  }

  /**
   * Somebody wants a ward's log to be replayed now: until it is, up to {@code size}, the ward is
   * the first of the score lane. The floor is what it is.
   */
  void ask(String ward, long size) {
    synchronized (this) {
      if (wards.containsKey(ward)) {
        askedSize.merge(ward, size, Math::max);
      }
    }
    go();
  }

  /** The ward is another witness's from now on; what is under way of it counts for nothing. */
  void forget(String ward) {
    synchronized (this) {
      wards.remove(ward);
      schedule.forget(ward);
      failed.remove(ward);
      toldLate.remove(ward);
      lastLane.remove(ward);
      askedSize.remove(ward);
      round.removeIf(one -> one.slot.ward().equals(ward));
      overdue.removeIf(one -> one.slot.ward().equals(ward));
    }
    go();
  }

  /** No round begins any more. */
  synchronized void stop() {
    stopped = true;
  }

  /** Begins a round if it is time. */
  private void go() {
    List<UnderWay> next;
    synchronized (this) {
      if (stopped || !round.isEmpty() || !schedule.isAnythingReady()) {
        return;
      }
      long waitNanos = begun ? roundBeganNanos + intervalNanos - nanos.getAsLong() : 0;
      if (waitNanos > 0) {
        wakeAfter(waitNanos);
        return;
      }
      next = begin();
    }
    next.forEach(this::replay);
  }

  private void wakeAfter(long waitNanos) {
    if (!timerIsSet) {
      timerIsSet = true;
      timer.after(TimeUnit.NANOSECONDS.toMillis(waitNanos) + 1, this::timeUp);
    }
  }

  private void timeUp() {
    synchronized (this) {
      timerIsSet = false;
    }
    go();
  }

  private List<UnderWay> begin() {
    begun = true;
    roundBeganNanos = nanos.getAsLong();
    wards.keySet().forEach(ward -> schedule.priority(ward, hint(ward)));
    askedSize.keySet().forEach(schedule::ask);
    long number = schedule.rounds();
    long bound = schedule.boundRounds();
    List<AuditSlot> given = schedule.round();
    List<UnderWay> slots = new ArrayList<>();
    for (AuditSlot slot : given) {
      @Nullable Replays ward = wards.get(slot.ward());
      if (ward == null) {
        throw new IllegalStateException("a slot for " + slot.ward() + ", which is no ward");
      }
      slots.add(new UnderWay(slot, ward));
      lastLane.put(slot.ward(), slot.lane());
      slotsByLane.merge(slot.lane(), 1L, Long::sum);
      boolean asked = slot.lane() == AuditLane.SCORE && askedSize.containsKey(slot.ward());
      listener.accept(new Given(slot, number, slots.size(), given.size(), asked, bound));
    }
    round.addAll(slots);
    return slots;
  }

  /** SPEC protocol.md §9: NaN, exception or missing model = 0. */
  private Priority hint(String ward) {
    try {
      return hints.of(ward);
    } catch (RuntimeException | Error e) {
      // An Error too: it would surface as a failure of the ward's log.
      LOG.debug("no hint about {}", ward, e);
      return Priority.NONE;
    }
  }

  private void replay(UnderWay one) {
    try {
      one.ward.audit(one.slot, end -> ended(one, end));
    } catch (RuntimeException e) {
      // Its thread takes no tasks any more.
      LOG.debug("{} cannot be replayed", one.slot, e);
      ended(one, End.FAILED);
    }
  }

  private void ended(UnderWay one, End end) {
    synchronized (this) {
      boolean counts = round.remove(one);
      boolean late = overdue.remove(one);
      if (!counts && !late) {
        return;
      }
      String ward = one.slot.ward();
      switch (end) {
        case CLEAN -> {
          schedule.done(ward, one.slot.toIndex(), true);
          askedSize.computeIfPresent(ward, (any, size) -> one.slot.toIndex() < size ? size : null);
        }
        case FINDING -> {
          schedule.done(ward, one.slot.toIndex(), false);
          askedSize.remove(ward);
        }
        case FAILED -> {
          schedule.abandoned(ward);
          failed.add(ward);
        }
      }
      holdOrRelease(ward);
    }
    go();
  }

  private void holdOrRelease(String ward) {
    if (failed.contains(ward) || overdue.stream().anyMatch(one -> one.slot.ward().equals(ward))) {
      schedule.hold(ward);
    } else {
      schedule.release(ward);
    }
  }

  /** Looks after slots that do not end and bounds that are exceeded; from time to time. */
  void look() {
    synchronized (this) {
      long forNanos = nanos.getAsLong() - roundBeganNanos;
      if (!round.isEmpty() && forNanos > TimeUnit.MILLISECONDS.toNanos(SLOT_PATIENCE_MILLIS)) {
        List<UnderWay> slow = List.copyOf(round);
        round.clear();
        overdue.addAll(slow);
        for (UnderWay one : slow) {
          LOG.warn("the replay of {} takes more than {} ms", one.slot, SLOT_PATIENCE_MILLIS);
          schedule.abandoned(one.slot.ward());
          holdOrRelease(one.slot.ward());
        }
      }
      wards.keySet().forEach(this::tellIfLate);
    }
    go();
  }

  private void tellIfLate(String ward) {
    long late = schedule.lateRounds(ward);
    if (late == 0) {
      if (toldLate.remove(ward)) {
        LOG.info("{} is audited within the bound again", ward);
      }
    } else if (toldLate.add(ward)) {
      LOG.warn("{} was not audited within the bound: {}", ward, schedule.lag(ward));
    }
  }

  /** Why a ward waits longer than it should; nothing if it does not. */
  synchronized Optional<String> late(String ward) {
    long late = schedule.lateRounds(ward);
    if (late == 0) {
      return Optional.empty();
    }
    AuditLag lag = schedule.lag(ward);
    return Optional.of(
        lag.entries()
            + " entries wait, the oldest for "
            + lag.waitedRounds()
            + " rounds of audits, "
            + late
            + " beyond the bound");
  }

  synchronized Standing standing(String ward) {
    return new Standing(
        schedule.lag(ward), schedule.lateRounds(ward), Optional.ofNullable(lastLane.get(ward)));
  }

  /** The theorem's bound for what has arrived by now. */
  synchronized long boundRounds() {
    return schedule.boundRounds();
  }

  /** A score has to be above it to count. */
  double scoreThreshold() {
    return scoreThreshold;
  }

  synchronized long rounds() {
    return schedule.rounds();
  }

  synchronized long slots(AuditLane lane) {
    return slotsByLane.getOrDefault(lane, 0L);
  }
}
