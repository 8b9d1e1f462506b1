package org.probity.node.runtime;

import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.probity.detector.log.SignedCheckpoint;

/**
 * What a ward has signed and not produced yet, and since when it owes that.
 *
 * <p>There is one promise at a time: the first checkpoint that was seen and whose entries were not
 * here. It is due as a whole after {@link #allowance}, by whatever way and in whatever parts its
 * entries come; when they have, everything that was seen meanwhile is the next one. So an entry of
 * a ward is here, or the ward is suspected, after twice the longest allowance at most, however fast
 * its log grows and however it doles it out.
 *
 * <p>{@link #seen} and {@link #stored} are called by one thread, the others by any.
 */
final class PromisedLog {
  /** What a ward has for whatever it has signed, at least. */
  static final Duration SHORTEST_ALLOWANCE = Duration.ofMinutes(1);

  /** And at most, however far away that is. */
  static final Duration LONGEST_ALLOWANCE = Duration.ofHours(1);

  /** Entries per second that every correct node can give away. */
  static final long ALLOWED_RATE = 100;

  private final LongSupplier nanoTime;
  private @Nullable SignedCheckpoint farthest;
  private volatile @Nullable Promise promise;
  private volatile long coveredSize;
  private volatile long storedNanos;

  private record Promise(SignedCheckpoint checkpoint, long sinceNanos, Duration allowance) {}

  /**
   * @param coveredSize of the newest checkpoint whose entries are here
   */
  PromisedLog(LongSupplier nanoTime, long coveredSize) {
    this.nanoTime = nanoTime;
    this.coveredSize = coveredSize;
    this.storedNanos = nanoTime.getAsLong();
  }

  /** The ward has signed it. */
  void seen(SignedCheckpoint checkpoint) {
    SignedCheckpoint far = farthest;
    if (far == null || far.size() < checkpoint.size()) {
      far = checkpoint;
      farthest = far;
    }
    if (open().isEmpty()) {
      long missing = Math.max(0, far.size() - coveredSize);
      promise = new Promise(far, nanoTime.getAsLong(), allowance(missing));
    }
  }

  /** The newest checkpoint whose entries are here is of that size now. */
  void stored(long size) {
    coveredSize = size;
    storedNanos = nanoTime.getAsLong();
    SignedCheckpoint far = farthest;
    if (far != null) {
      seen(far);
    }
  }

  /** How long a ward has for so many entries: longer for more, up to a limit. */
  static Duration allowance(long missingEntries) {
    Duration allowed = SHORTEST_ALLOWANCE.plus(Duration.ofSeconds(missingEntries / ALLOWED_RATE));
    return allowed.compareTo(LONGEST_ALLOWANCE) < 0 ? allowed : LONGEST_ALLOWANCE;
  }

  private Optional<Promise> open() {
    return Optional.ofNullable(promise).filter(one -> one.checkpoint().size() > coveredSize);
  }

  /** The checkpoint whose entries are owed now, if any are. */
  Optional<SignedCheckpoint> owed() {
    return open().map(Promise::checkpoint);
  }

  /** Whether nothing has come for so long although something is owed, or it is overdue. */
  boolean isMissed(Duration patience) {
    return isOverdue()
        || open()
            .filter(one -> isOver(Math.max(one.sinceNanos(), storedNanos), patience))
            .isPresent();
  }

  /** Whether the ward has had all its time for what it owes. */
  boolean isOverdue() {
    return open().filter(one -> isOver(one.sinceNanos(), one.allowance())).isPresent();
  }

  /** Since the log has grown here. */
  Duration storedAge() {
    return Duration.ofNanos(nanoTime.getAsLong() - storedNanos);
  }

  private boolean isOver(long sinceNanos, Duration time) {
    return nanoTime.getAsLong() - sinceNanos >= time.toNanos();
  }
}
