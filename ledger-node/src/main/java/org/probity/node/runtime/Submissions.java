package org.probity.node.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
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

  /**
   * One outcome per statement, in order; completes on a worker. Fails, with nothing known about any
   * statement, if a check throws, which is our bug, or the workers take nothing more.
   */
  CompletableFuture<List<TransactionRule.Outcome>> verify(List<Bytes> statements) {
    List<CompletableFuture<List<TransactionRule.Outcome>>> chunks = new ArrayList<>();
    try {
      for (int from = 0; from < statements.size(); from += CHUNK) {
        List<Bytes> chunk = statements.subList(from, Math.min(statements.size(), from + CHUNK));
        chunks.add(CompletableFuture.supplyAsync(() -> check(chunk), workers));
      }
    } catch (RejectedExecutionException e) {
      return CompletableFuture.failedFuture(e);
    }
    return CompletableFuture.allOf(chunks.toArray(CompletableFuture<?>[]::new))
        .thenApply(done -> chunks.stream().flatMap(chunk -> chunk.join().stream()).toList());
  }

  private List<TransactionRule.Outcome> check(List<Bytes> statements) {
    return statements.stream()
        .map(statement -> TransactionRule.check(statement, node, verifier))
        .toList();
  }
}
