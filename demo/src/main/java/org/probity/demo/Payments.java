package org.probity.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.Statement;
import org.probity.ledger.client.ClientIds;
import org.probity.ledger.client.Submitter;
import org.probity.ledger.client.TransactionDraft;
import org.probity.ledger.transaction.Operation;
import org.probity.node.http.api.SubmissionResult;

/**
 * Signs operations for one node and submits them through its client listener.
 *
 * <p>Each bank signs for its customers, with the key it put into their accounts' policies: one
 * signature then covers hundreds of payments, which is how banks' payment files work.
 */
final class Payments {
  /** Few enough that one refused transaction would not take a whole file with it. */
  static final int OPERATIONS_PER_SIGNATURE = 100;

  private static final int STATEMENTS_PER_REQUEST = 4;
  private static final long VALID_MILLIS = 60 * 60 * 1000L;

  private final Hash networkId;
  private final ClientIds ids = ClientIds.random();

  Payments(Hash networkId) {
    this.networkId = networkId;
  }

  /** What became of a run of operations. */
  static final class Tally {
    private long submitted;
    private long accepted;
    private final SortedMap<String, Long> rejected = new TreeMap<>();

    synchronized long submitted() {
      return submitted;
    }

    synchronized long accepted() {
      return accepted;
    }

    synchronized SortedMap<String, Long> rejected() {
      return new TreeMap<>(rejected);
    }

    synchronized void add(int operations, SubmissionResult result) {
      submitted += operations;
      if (result.accepted()) {
        accepted += operations;
      } else {
        rejected.merge(result.code(), (long) operations, Long::sum);
      }
    }
  }

  /** Submits the operations in order; returns when all are recorded. */
  void submit(Bank bank, List<Operation> operations, Signer signer, Tally tally) {
    List<List<Operation>> parts = TransactionDraft.split(operations, OPERATIONS_PER_SIGNATURE, 1);
    List<Bytes> statements = new ArrayList<>();
    List<Integer> sizes = new ArrayList<>();
    for (List<Operation> part : parts) {
      statements.add(sign(bank.node(), part, signer).encoded());
      sizes.add(part.size());
      if (statements.size() == STATEMENTS_PER_REQUEST) {
        submit(bank, statements, sizes, tally);
      }
    }
    if (!statements.isEmpty()) {
      submit(bank, statements, sizes, tally);
    }
  }

  private static void submit(Bank bank, List<Bytes> statements, List<Integer> sizes, Tally tally) {
    List<SubmissionResult> results = bank.api().submitAll(statements);
    for (int i = 0; i < sizes.size(); i++) {
      tally.add(sizes.get(i), results.get(i));
    }
    statements.clear();
    sizes.clear();
  }

  /** One transaction of these operations for one node. */
  Statement sign(String node, List<Operation> operations, Signer signer) {
    return new TransactionDraft(networkId, node, Submitter.key(signer.publicKey()))
        .addAll(operations)
        .sign(ids.next(System.currentTimeMillis() + VALID_MILLIS), List.of(signer));
  }
}
