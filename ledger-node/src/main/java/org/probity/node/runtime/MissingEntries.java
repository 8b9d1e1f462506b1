package org.probity.node.runtime;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.Entry;
import org.probity.detector.log.Rfc6962;
import org.probity.node.http.wire.LogFrame;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Collects what one holder gives of the own log (protocol.md §11.2). Nobody is believed: whoever is
 * asked may give anything, as slowly as it likes and as much of it. So it has a turn of a certain
 * length for all of it together, it is given up at once when an entry does not follow the one
 * before, and what it gives is bounded. Whether the whole leads to what was signed is not looked at
 * here.
 *
 * <p>Blocking.
 */
final class MissingEntries {
  private static final Logger LOG = LoggerFactory.getLogger(MissingEntries.class);

  /** What an entry takes in memory besides its bytes, roughly. */
  private static final int OVERHEAD_BYTES = 64;

  private final long maxBytes;
  private final LongSupplier nanoTime;

  /** Whoever may have the entries. */
  interface Holder {
    /** Some of {@code [from, to)}, the first ones first. */
    Future<LogFrame> entries(long from, long to);
  }

  /** What has come of it. */
  sealed interface Collected {}

  /** Entries without a gap, each of which follows the one before. */
  record All(List<Bytes> entries) implements Collected {}

  /** No answer, or what is not this log. */
  record Nothing() implements Collected {}

  /** The turn is over. */
  record TooSlow() implements Collected {}

  /** More than fits here, and no end. */
  record TooMuch() implements Collected {}

  /**
   * @param maxBytes of entries that are held at once
   * @param nanoTime as {@link System#nanoTime}
   */
  MissingEntries(long maxBytes, LongSupplier nanoTime) {
    this.maxBytes = maxBytes;
    this.nanoTime = nanoTime;
  }

  /**
   * Collects entries.
   *
   * @param from the first that is missing
   * @param last leaf hash of the one before; empty where there is none
   * @param to the first that is not asked for
   * @param turn for all of them
   */
  Collected collect(Holder holder, long from, Optional<Hash> last, long to, Duration turn)
      throws InterruptedException {
    long endNanos = nanoTime.getAsLong() + turn.toNanos();
    List<Bytes> entries = new ArrayList<>();
    long bytes = 0;
    Optional<Hash> before = last;
    for (long next = from; next < to; ) {
      Optional<LogFrame> frame;
      try {
        frame = ask(holder, next, to, endNanos - nanoTime.getAsLong());
      } catch (TimeoutException e) {
        LOG.warn("whoever was asked for entry {} of the own log is too slow", next);
        return new TooSlow();
      }
      if (frame.isEmpty()) {
        return new Nothing();
      }
      for (Bytes entry : frame.get().entries()) {
        if (!follows(entry, next, before)) {
          LOG.warn("what somebody gives as entry {} of the own log does not follow", next);
          return new Nothing();
        }
        bytes += entry.size() + OVERHEAD_BYTES;
        if (bytes > maxBytes) {
          return new TooMuch();
        }
        entries.add(entry);
        before = Optional.of(Rfc6962.leaf(entry));
        next++;
      }
    }
    return new All(entries);
  }

  private static boolean follows(Bytes encoded, long index, Optional<Hash> before) {
    try {
      Entry entry = Entry.decode(encoded);
      return entry.index() == index && before.filter(it -> !it.equals(entry.prev())).isEmpty();
    } catch (DecodeException e) {
      return false;
    }
  }

  /** The next entries; empty if there is no such answer. */
  private static Optional<LogFrame> ask(Holder holder, long from, long to, long leftNanos)
      throws InterruptedException, TimeoutException {
    if (leftNanos <= 0) {
      throw new TimeoutException();
    }
    try {
      LogFrame frame =
          holder
              .entries(from, Math.min(to, from + LogFrame.MAX_ENTRIES))
              .toCompletionStage()
              .toCompletableFuture()
              .get(leftNanos, TimeUnit.NANOSECONDS);
      long count = frame.entries().size();
      return count > 0 && count <= to - from ? Optional.of(frame) : Optional.empty();
    } catch (ExecutionException | RuntimeException e) {
      LOG.debug("nobody gives entry {} of the own log", from, e);
      return Optional.empty();
    }
  }
}
