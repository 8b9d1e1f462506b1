package org.probity.node.ledger;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CoseSign1;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.log.Entry;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.TransactionEntry;
import org.probity.detector.program.Transaction;
import org.probity.detector.program.TransactionOutcome;
import org.probity.ledger.transaction.AccountId;
import org.probity.ledger.transaction.Operation;
import org.probity.ledger.transaction.Outcome;
import org.probity.ledger.transaction.TransactionBody;
import org.probity.node.http.LedgerQueries;
import org.probity.node.http.Problems;

/**
 * Which executed transactions of the own log name an account: an index that is derived from the
 * log, kept in memory and behind it, never a part of what is agreed on. Thread-safe.
 */
public final class TransferHistory {
  private final LogReader log;
  private final Map<AccountId, List<Long>> places = new HashMap<>();
  private long indexed;

  public TransferHistory(LogReader log) {
    this.log = log;
  }

  /** Reads on up to {@code size}; blocking, not on an event loop. */
  public synchronized void indexTo(long size) {
    for (; indexed < size; indexed++) {
      for (Operation operation : operations(indexed)) {
        for (AccountId account : accounts(operation)) {
          List<Long> of = places.computeIfAbsent(account, id -> new ArrayList<>());
          if (of.isEmpty() || of.get(of.size() - 1) != indexed) {
            of.add(indexed);
          }
        }
      }
    }
  }

  /** Entries that name {@code account}, oldest first; the cursor is the last index seen. */
  LedgerQueries.Page page(AccountId account, Optional<String> cursor, int limit) {
    long after = cursor.map(TransferHistory::parse).orElse(-1L);
    List<Long> found;
    synchronized (this) {
      found =
          places.getOrDefault(account, List.of()).stream()
              .filter(index -> index > after)
              .limit(limit + 1L)
              .toList();
    }
    List<Long> shown = found.subList(0, Math.min(limit, found.size()));
    List<ObjectNode> items = new ArrayList<>();
    for (long index : shown) {
      operations(index).stream()
          .filter(operation -> accounts(operation).contains(account))
          .forEach(operation -> items.add(json(index, operation)));
    }
    return new LedgerQueries.Page(
        items,
        found.size() <= limit
            ? Optional.empty()
            : Optional.of(String.valueOf(shown.get(shown.size() - 1))));
  }

  private static long parse(String cursor) {
    try {
      return Long.parseUnsignedLong(cursor);
    } catch (NumberFormatException e) {
      throw Problems.badField("bad_cursor", "cursor", "use the cursor of the page before");
    }
  }

  private List<Operation> operations(long index) {
    try {
      if (Entry.decode(log.entry(index)).body() instanceof TransactionEntry transaction
          && isAccepted(transaction)) {
        // The log holds only statements that were verified before they were logged.
        CborReader signatures = new CborReader(transaction.statement());
        signatures.arrayHeader();
        Bytes payload = CoseSign1.decode(signatures.bytes()).unverifiedPayload();
        return TransactionBody.decode(Transaction.decode(payload).body()).operations();
      }
      return List.of();
    } catch (DecodeException e) {
      throw new IllegalStateException("own entry " + index + " is damaged: " + e.getMessage(), e);
    }
  }

  private static boolean isAccepted(TransactionEntry transaction) throws DecodeException {
    TransactionOutcome outcome = TransactionOutcome.decode(transaction.outcome());
    return outcome.status() == TransactionOutcome.Status.EXECUTED
        && Outcome.decode(outcome.detail()) instanceof Outcome.Accepted;
  }

  private static List<AccountId> accounts(Operation operation) {
    if (operation instanceof Operation.Transfer transfer) {
      return List.of(transfer.payer(), transfer.payee());
    }
    if (operation instanceof Operation.Remit remit) {
      return List.of(remit.payer());
    }
    if (operation instanceof Operation.Issue issue) {
      return List.of(issue.payee());
    }
    if (operation instanceof Operation.Redeem redeem) {
      return List.of(redeem.payer());
    }
    return List.of();
  }

  private static ObjectNode json(long index, Operation operation) {
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("index", index);
    if (operation instanceof Operation.Transfer transfer) {
      json.put("operation", "transfer")
          .put("payer", transfer.payer().toString())
          .put("payee", transfer.payee().toString())
          .put("amountMinor", transfer.amountMinor().toString());
    } else if (operation instanceof Operation.Remit remit) {
      json.put("operation", "remit")
          .put("payer", remit.payer().toString())
          .put("node", remit.node())
          .put("payee", remit.payee().toString())
          .put("amountMinor", remit.amountMinor().toString());
    } else if (operation instanceof Operation.Issue issue) {
      json.put("operation", "issue")
          .put("payee", issue.payee().toString())
          .put("amountMinor", issue.amountMinor().toString());
    } else if (operation instanceof Operation.Redeem redeem) {
      json.put("operation", "redeem")
          .put("payer", redeem.payer().toString())
          .put("amountMinor", redeem.amountMinor().toString());
    }
    return json;
  }
}
