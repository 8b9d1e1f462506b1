package org.probity.detector.audit;

import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.probity.detector.log.SignedCheckpoint;

/**
 * What a ward has signed and not produced yet, and since when it owes that (protocol.md §7.1).
 *
 * <p>There is one promise at a time: the first checkpoint that was seen and whose entries were not
 * here. It is due as a whole after {@link #allowanceMillis}, by whatever way and in whatever parts
 * its entries come; when they have, everything that was seen meanwhile is the next one. So an entry
 * of a ward is here, or the ward is suspected, after twice the longest allowance at most, however
 * fast its log grows and however it doles it out.
 *
 * <p>For example, let a ward have signed a checkpoint of size 1,000 of which 400 entries are here,
 * and then one of 5,000. It owes the former, for {@code 60 + 600 / 100 = 66} seconds; if it has
 * produced that after 10 of them, it owes the latter from then on.
 *
 * <p>{@link #seen} and {@link #stored} are called by one thread, the others by any.
 */
public final class PromisedLog {
  /** What a ward has for whatever it has signed, at least. */
  public static final long SHORTEST_ALLOWANCE_MILLIS = 60_000;

  /** And at most, however far away that is. */
  public static final long LONGEST_ALLOWANCE_MILLIS = 3_600_000;

  /** Entries per second that every correct node can give away. */
  public static final long ALLOWED_RATE = 100;

  private static final long MILLIS_PER_SECOND = 1_000;

  private final LongSupplier elapsedMillis;
  private volatile @Nullable SignedCheckpoint farthest;
  private volatile @Nullable Promise promise;
  private volatile long coveredSize;
  private volatile long storedElapsed;

  private record Promise(SignedCheckpoint checkpoint, long sinceElapsed, long allowanceMillis) {}

  /**
   * @param elapsedMillis a time that never goes back, from any origin; asked on any thread
   * @param coveredSize of the newest checkpoint whose entries are here
   */
  public PromisedLog(LongSupplier elapsedMillis, long coveredSize) {
    this.elapsedMillis = elapsedMillis;
    this.coveredSize = coveredSize;
    this.storedElapsed = elapsedMillis.getAsLong();
  }

  /** The ward has signed it. */
  public void seen(SignedCheckpoint checkpoint) {
    SignedCheckpoint far = farthest;
    if (far == null || far.size() < checkpoint.size()) {
      far = checkpoint;
      farthest = far;
    }
    if (open().isEmpty()) {
      long missing = Math.max(0, far.size() - coveredSize);
      promise = new Promise(far, elapsedMillis.getAsLong(), allowanceMillis(missing));
    }
  }

  /** The highest that the ward is known to have signed since this was made, stored or not. */
  public Optional<SignedCheckpoint> farthest() {
    return Optional.ofNullable(farthest);
  }

  /** The newest checkpoint whose entries are here is of that size now. */
  public void stored(long size) {
    coveredSize = size;
    storedElapsed = elapsedMillis.getAsLong();
    SignedCheckpoint far = farthest;
    if (far != null) {
      seen(far);
    }
  }

  /** How long a ward has for so many entries: longer for more, up to a limit. */
  public static long allowanceMillis(long missingEntries) {
    long longestSeconds = LONGEST_ALLOWANCE_MILLIS / MILLIS_PER_SECOND;
    long seconds = Math.min(missingEntries / ALLOWED_RATE, longestSeconds);
    return Math.min(
        SHORTEST_ALLOWANCE_MILLIS + seconds * MILLIS_PER_SECOND, LONGEST_ALLOWANCE_MILLIS);
  }

  private Optional<Promise> open() {
    return Optional.ofNullable(promise).filter(one -> one.checkpoint().size() > coveredSize);
  }

  /** The checkpoint whose entries are owed now, if any are. */
  public Optional<SignedCheckpoint> owed() {
    return open().map(Promise::checkpoint);
  }

  /** Whether nothing has come for so long although something is owed, or it is overdue. */
  public boolean isMissed(long patienceMillis) {
    return isOverdue()
        || open()
            .filter(one -> isOver(Math.max(one.sinceElapsed(), storedElapsed), patienceMillis))
            .isPresent();
  }

  /** Whether the ward has had all its time for what it owes. */
  public boolean isOverdue() {
    return open().filter(one -> isOver(one.sinceElapsed(), one.allowanceMillis())).isPresent();
  }

  /** Since the log has grown here. */
  public long storedAgeMillis() {
    return elapsedMillis.getAsLong() - storedElapsed;
  }

  private boolean isOver(long sinceElapsed, long millis) {
    return elapsedMillis.getAsLong() - sinceElapsed >= millis;
  }
}
