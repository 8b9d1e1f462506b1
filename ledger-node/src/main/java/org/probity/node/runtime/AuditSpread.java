package org.probity.node.runtime;

import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.node.http.PeerReply;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives the newest AUDIT of one ward to those whom it concerns: one lane each, with at most one
 * request under way, so that memory is one statement and nobody waits for anybody. A newer
 * statement takes the place of one that has not been delivered.
 *
 * <p>Confined to {@code desk}, but for the answers, which may come on any thread.
 */
final class AuditSpread {
  private static final Logger LOG = LoggerFactory.getLogger(AuditSpread.class);

  static final long FIRST_RETRY_MILLIS = 1_000;
  static final long LAST_RETRY_MILLIS = 60_000;

  /** The answer of one that holds another log than was replayed here. */
  static final String OTHER_LOG = "audit_of_other_log";

  private final Way way;
  private final Executor desk;
  private final Timer timer;
  private final Consumer<String> otherPast;
  private final Map<String, Lane> lanes = new TreeMap<>();

  /** How a statement gets to a peer. */
  @FunctionalInterface
  interface Way {
    Future<PeerReply> audit(String to, Bytes statement);
  }

  /** Runs something later, on the desk. */
  @FunctionalInterface
  interface Timer {
    void after(long millis, Runnable task);
  }

  private static final class Lane {
    private final String to;
    private @Nullable Bytes due;
    private boolean busy;
    private boolean asked;
    private long retryMillis = FIRST_RETRY_MILLIS;

    Lane(String to) {
      this.to = to;
    }
  }

  AuditSpread(Way way, ScheduledExecutorService desk, List<String> to, Consumer<String> otherPast) {
    this(
        way,
        desk,
        (millis, task) -> {
          @SuppressWarnings("unused")
          var unused = desk.schedule(task, millis, TimeUnit.MILLISECONDS);
        },
        to,
        otherPast);
  }

  /**
   * @param desk runs one task at a time
   * @param otherPast told, on the desk, who holds another log under that name
   */
  AuditSpread(Way way, Executor desk, Timer timer, List<String> to, Consumer<String> otherPast) {
    this.way = way;
    this.desk = desk;
    this.timer = timer;
    this.otherPast = otherPast;
    to.forEach(this::also);
  }

  /** From now on to these and nobody else. */
  void to(List<String> concerned) {
    lanes.keySet().retainAll(concerned);
    concerned.forEach(this::also);
  }

  private void also(String peer) {
    lanes.putIfAbsent(peer, new Lane(peer));
  }

  /** One more who wants it, until it takes one no more; whether that is news. */
  boolean onRequest(String peer) {
    Lane lane = new Lane(peer);
    lane.asked = true;
    return lanes.putIfAbsent(peer, lane) == null;
  }

  /** To everybody, now or as soon as it can be. */
  void give(Bytes statement) {
    lanes
        .values()
        .forEach(
            lane -> {
              lane.due = statement;
              send(lane);
            });
  }

  private void send(Lane lane) {
    Bytes statement = lane.due;
    if (lane.busy || statement == null) {
      return;
    }
    lane.busy = true;
    Future<PeerReply> reply;
    try {
      reply = way.audit(lane.to, statement);
    } catch (RuntimeException e) {
      reply = Future.failedFuture(e);
    }
    reply.onComplete(
        result ->
            execute(
                () ->
                    desk.execute(
                        () -> answered(lane, statement, Optional.ofNullable(result.result())))));
  }

  private void answered(Lane lane, Bytes statement, Optional<PeerReply> reply) {
    if (reply.isEmpty()) {
      long pauseMillis = lane.retryMillis;
      execute(() -> timer.after(pauseMillis, () -> retry(lane)));
      lane.retryMillis = Math.min(2 * lane.retryMillis, LAST_RETRY_MILLIS);
      return;
    }
    if (reply.get().status() != PeerReply.OK) {
      // Whatever it has against this one, the next one may be better.
      String code = new String(reply.get().body().toArray(), StandardCharsets.UTF_8);
      LOG.debug("{} does not take an AUDIT: {}", lane.to, code);
      if (code.equals(OTHER_LOG)) {
        otherPast.accept(lane.to);
      }
    }
    if (lane.asked && reply.get().status() != PeerReply.OK) {
      lanes.remove(lane.to, lane);
      return;
    }
    lane.busy = false;
    lane.retryMillis = FIRST_RETRY_MILLIS;
    Bytes due = lane.due;
    if (due != null && statement.equals(due)) {
      lane.due = null;
    }
    send(lane);
  }

  private void retry(Lane lane) {
    lane.busy = false;
    send(lane);
  }

  /** What is handed to the desk after its end is nobody's loss. */
  private static void execute(Runnable handOver) {
    try {
      handOver.run();
    } catch (RejectedExecutionException e) {
      LOG.debug("no AUDIT is given any more", e);
    }
  }
}
