package org.probity.node.runtime;

import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.probity.detector.codec.Bytes;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.node.http.PeerReply;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Somebody has replayed another past of a ward than is held here, as an AUDIT says (protocol.md
 * §6.2). If the ward has signed both, each of the two holds half of a fork, and nobody else may
 * have been shown either: so what is held here is shown to the other one, who does the same. The
 * one whose copy is longer can compare, and prove it.
 *
 * <p>Whoever signs whatever it likes costs two messages per checkpoint of the ward, and none while
 * one of them is under way. Confined to {@code desk}, but for the answers, which may come on any
 * thread.
 */
final class OtherPast {
  private static final Logger LOG = LoggerFactory.getLogger(OtherPast.class);

  private final Supplier<List<SignedCheckpoint>> halves;
  private final Way way;
  private final Executor desk;

  /** What each of them has taken; replaced as the copy here grows. */
  private final Map<String, Set<Bytes>> taken = new HashMap<>();

  private final Set<String> busy = new HashSet<>();

  /** How a checkpoint gets to a peer. */
  @FunctionalInterface
  interface Way {
    Future<PeerReply> checkpoint(String to, Bytes checkpoint);
  }

  /**
   * @param halves what the ward has signed of what is held here
   * @param desk runs one task at a time
   */
  OtherPast(Supplier<List<SignedCheckpoint>> halves, Way way, Executor desk) {
    this.halves = halves;
    this.way = way;
    this.desk = desk;
  }

  /** Shows it what it has not taken yet; what is not taken now is shown with its next AUDIT. */
  void isHeldBy(String other) {
    List<Bytes> held = halves.get().stream().map(SignedCheckpoint::bytes).toList();
    Set<Bytes> known = taken.computeIfAbsent(other, none -> new HashSet<>());
    known.retainAll(held);
    List<Bytes> due = new ArrayList<>(held);
    due.removeAll(known);
    if (due.isEmpty() || !busy.add(other)) {
      return;
    }
    show(other, due, 0);
  }

  private void show(String other, List<Bytes> due, int index) {
    if (index == due.size()) {
      busy.remove(other);
      return;
    }
    Bytes half = due.get(index);
    Future<PeerReply> reply;
    try {
      reply = way.checkpoint(other, half);
    } catch (RuntimeException e) {
      reply = Future.failedFuture(e);
    }
    reply.onComplete(
        result -> {
          boolean isTaken = result.succeeded() && result.result().status() == PeerReply.OK;
          try {
            desk.execute(
                () -> {
                  if (isTaken) {
                    taken.computeIfAbsent(other, none -> new HashSet<>()).add(half);
                  }
                  show(other, due, index + 1);
                });
          } catch (RejectedExecutionException e) {
            LOG.debug("nothing is shown any more", e);
          }
        });
  }
}
