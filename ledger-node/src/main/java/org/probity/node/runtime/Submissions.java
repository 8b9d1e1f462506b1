package org.probity.node.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import org.probity.detector.codec.Bytes;
import org.probity.detector.commitment.TransactionRule;
import org.probity.detector.crypto.StatementVerifier;

/**
 * Verifies clients' signatures in parallel on the workers, before the core sees a transaction. The
 * order within one submission is kept.
 */
final class Submissions {
  /** Signatures one task checks: large enough to be worth a hand-over, small enough to spread. */
  private static final int CHUNK = 8;

  private final String node;
  private final StatementVerifier verifier;
  private final Executor workers;

  Submissions(String node, StatementVerifier verifier, Executor workers) {
    this.node = node;
    this.verifier = verifier;
    this.workers = workers;
  }

  /** Calls {@code done} once, on a worker, with one outcome per statement. */
  void verify(List<Bytes> statements, Consumer<List<TransactionRule.Outcome>> done) {
    int size = statements.size();
    AtomicReferenceArray<TransactionRule.Outcome> outcomes = new AtomicReferenceArray<>(size);
    int chunks = (size + CHUNK - 1) / CHUNK;
    AtomicInteger open = new AtomicInteger(chunks);
    for (int chunk = 0; chunk < chunks; chunk++) {
      int from = chunk * CHUNK;
      int to = Math.min(size, from + CHUNK);
      workers.execute(
          () -> {
            for (int i = from; i < to; i++) {
              outcomes.set(i, TransactionRule.check(statements.get(i), node, verifier));
            }
            if (open.decrementAndGet() == 0) {
              done.accept(collect(outcomes));
            }
          });
    }
  }

  private static List<TransactionRule.Outcome> collect(
      AtomicReferenceArray<TransactionRule.Outcome> outcomes) {
    List<TransactionRule.Outcome> list = new ArrayList<>(outcomes.length());
    for (int i = 0; i < outcomes.length(); i++) {
      list.add(outcomes.get(i));
    }
    return list;
  }
}
