package org.probity.node.runtime;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.TransactionRule;
import org.probity.detector.commitment.Violation;
import org.probity.detector.node.Input;
import org.probity.detector.node.Release;
import org.probity.node.http.ProblemException;
import org.probity.node.http.Problems;
import org.probity.node.http.RecordedTransaction;
import org.probity.node.http.SubmissionReply;

/**
 * Clients' transactions from the listener to the core and the answers back. Bounded: what is
 * verified, waiting or not yet durable counts, and beyond the limit a submission is turned away
 * whole, before anything of it is looked at.
 */
final class TransactionIntake {
  private final Submissions submissions;
  private final CoreLoop core;
  private final Tickets tickets;
  private final int maxPending;
  private final Waiting clients;
  private final AtomicInteger pending = new AtomicInteger();

  /** How long a client is left waiting. */
  @FunctionalInterface
  interface Waiting {
    /** The same answer, or that there is none yet. */
    Future<List<SubmissionReply>> limit(Future<List<SubmissionReply>> answer);
  }

  /**
   * @param maxPending statements that may be under way at once
   * @param clients what becomes of one that waits; its statements stay under way until they are
   *     answered
   */
  TransactionIntake(
      Submissions submissions, CoreLoop core, Tickets tickets, int maxPending, Waiting clients) {
    this.submissions = submissions;
    this.core = core;
    this.tickets = tickets;
    this.maxPending = maxPending;
    this.clients = clients;
  }

  /** Statements under way. */
  int pending() {
    return pending.get();
  }

  int maxPending() {
    return maxPending;
  }

  /**
   * Completes with one reply per statement once all that were recorded may be told. Fails as a
   * whole when the core stops meanwhile.
   */
  Future<List<SubmissionReply>> submit(List<Bytes> statements) {
    if (statements.isEmpty()) {
      return Future.succeededFuture(List.of());
    }
    int size = statements.size();
    if (pending.addAndGet(size) > maxPending) {
      pending.addAndGet(-size);
      return Future.failedFuture(Problems.overloaded(1));
    }
    Promise<List<SubmissionReply>> promise = Promise.promise();
    promise.future().onComplete(done -> pending.addAndGet(-size));
    @SuppressWarnings("unused")
    var unused =
        submissions
            .verify(statements)
            .thenAccept(outcomes -> enter(outcomes, promise))
            .exceptionally(
                bug -> {
                  promise.tryFail(bug);
                  return null;
                });
    return clients.limit(promise.future());
  }

  private void enter(
      List<TransactionRule.Outcome> outcomes, Promise<List<SubmissionReply>> promise) {
    Answers answers = new Answers(outcomes.size(), promise);
    List<Input> inputs = new ArrayList<>(outcomes.size());
    for (int i = 0; i < outcomes.size(); i++) {
      int position = i;
      TransactionRule.Outcome outcome = outcomes.get(i);
      outcome
          .violation()
          .ifPresent(violation -> answers.put(position, refused(Bytes.EMPTY, violation)));
      outcome
          .checked()
          .ifPresent(
              checked -> {
                Bytes id = checked.statement().id().toBytes();
                long ticket =
                    tickets.issue(release -> answers.put(position, id, release), promise::tryFail);
                inputs.add(new Input.Submitted(checked, ticket));
              });
    }
    if (!inputs.isEmpty()) {
      core.post(inputs);
    }
  }

  private static SubmissionReply reply(Bytes id, Release release) {
    if (release instanceof Release.Recorded recorded) {
      return SubmissionReply.recorded(
          id, new RecordedTransaction(recorded.index(), recorded.outcome()));
    }
    if (release instanceof Release.Refused refused) {
      return refused(id, refused.violation());
    }
    if (release instanceof Release.Unreadable unreadable) {
      throw Problems.logUnreadable(unreadable.index());
    }
    throw new IllegalStateException("not an answer to a transaction: " + release);
  }

  private static SubmissionReply refused(Bytes id, Violation violation) {
    return SubmissionReply.refused(id, violation.code(), violation.message());
  }

  /** Collects the replies of one submission, from any thread. */
  private static final class Answers {
    private final SubmissionReply[] replies;
    private final Promise<List<SubmissionReply>> promise;
    private int open;

    Answers(int size, Promise<List<SubmissionReply>> promise) {
      this.replies = new SubmissionReply[size];
      this.open = size;
      this.promise = promise;
    }

    void put(int position, Bytes id, Release release) {
      try {
        put(position, reply(id, release));
      } catch (ProblemException e) {
        promise.tryFail(e);
      }
    }

    void put(int position, SubmissionReply reply) {
      List<SubmissionReply> complete = null;
      synchronized (this) {
        replies[position] = reply;
        open--;
        if (open == 0) {
          complete = List.of(replies);
        }
      }
      if (complete != null) {
        promise.tryComplete(complete);
      }
    }
  }
}
