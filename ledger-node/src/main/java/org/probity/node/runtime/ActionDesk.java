package org.probity.node.runtime;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.probity.detector.crypto.Hash;
import org.probity.node.actions.ActionHead;
import org.probity.node.actions.ActionLog;
import org.probity.node.http.ActionRecord;
import org.probity.node.http.NodeHealth;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts operators' actions on record for a running node, in the order they come, on a thread of its
 * own. What strangers cause, refusals, is one entry of each caller in a minute at most, with the
 * number of those that were not written: whoever has no name hides nobody who has one. Thread-safe.
 */
public final class ActionDesk implements ActionRecord {
  static final long REFUSAL_MILLIS = TimeUnit.MINUTES.toMillis(1);

  private static final Logger LOG = LoggerFactory.getLogger(ActionDesk.class);
  private static final int MAX_WAITING = 1024;
  private static final ActionHead NOTHING = new ActionHead(-1, Hash.of(new byte[Hash.BYTES]));

  private final ActionLog log;
  private final LongSupplier elapsedMillis;
  private final ThreadPoolExecutor writer =
      new ThreadPoolExecutor(
          1,
          1,
          0,
          TimeUnit.SECONDS,
          new ArrayBlockingQueue<>(MAX_WAITING),
          Endings.named("operators-log"));
  private final AtomicLong lost = new AtomicLong();
  private volatile ActionHead head = NOTHING;
  private volatile String trouble = "";

  /** By caller: those that are listed, and one for all others. */
  private final Map<String, Refusals> refusals = new HashMap<>();

  /**
   * What a caller was refused.
   *
   * @param writtenMillis when one was written
   * @param unwritten how many since then
   */
  private record Refusals(long writtenMillis, long unwritten) {}

  public ActionDesk(ActionLog log) {
    this(log, () -> System.nanoTime() / 1_000_000);
  }

  ActionDesk(ActionLog log, LongSupplier elapsedMillis) {
    this.log = log;
    this.elapsedMillis = elapsedMillis;
    try {
      head = log.newest().orElse(NOTHING);
    } catch (IOException | RuntimeException e) {
      trouble = "the log cannot be read: " + e;
      LOG.error("the log of operators' actions: {}", trouble);
    }
  }

  @Override
  public void record(String who, String what, String about, String outcome) {
    if (what.equals(REFUSED)) {
      refused(who, about, outcome);
    } else {
      later(who, what, about, outcome);
    }
  }

  private synchronized void refused(String who, String about, String outcome) {
    long now = elapsedMillis.getAsLong();
    Refusals before = refusals.get(who);
    if (before != null && now - before.writtenMillis() < REFUSAL_MILLIS) {
      refusals.put(who, new Refusals(before.writtenMillis(), before.unwritten() + 1));
      return;
    }
    String more =
        before == null || before.unwritten() == 0
            ? ""
            : "; and " + before.unwritten() + " others in the minutes before";
    refusals.put(who, new Refusals(now, 0));
    later(who, REFUSED, about + more, outcome);
  }

  private void later(String who, String what, String about, String outcome) {
    try {
      writer.execute(() -> write(who, what, about, outcome));
    } catch (RejectedExecutionException e) {
      failed("too much to record at once: " + what);
    }
  }

  /**
   * Records before it returns.
   *
   * @return whether it is on the disk
   */
  public boolean recordNow(String who, String what, String about, String outcome) {
    return write(who, what, about, outcome);
  }

  private boolean write(String who, String what, String about, String outcome) {
    try {
      ActionLog.Appended appended = log.append(who, what, about, outcome);
      head = appended.newest();
      trouble = appended.trouble().orElse("");
      appended
          .trouble()
          .ifPresent(why -> LOG.error("the head of the log of operators' actions: {}", why));
      return true;
    } catch (IOException | RuntimeException e) {
      // Whatever it is: an action that is not on record is never unseen.
      failed(what + ": " + e);
      return false;
    }
  }

  private void failed(String why) {
    lost.incrementAndGet();
    trouble = why;
    LOG.error("an operator's action is not on record: {}", why);
  }

  /** Entries there are, of all times. */
  long entries() {
    return head.sequence() + 1;
  }

  /** Actions that are not on record. */
  long lost() {
    return lost.get();
  }

  /** For {@code /readyz}. */
  List<NodeHealth.Warning> warnings() {
    String why = trouble;
    return why.isEmpty()
        ? List.of()
        : List.of(new NodeHealth.Warning("log of operators' actions", why));
  }

  /** Writes what waits. */
  public void close() {
    Endings.finish(writer);
  }
}
