package org.probity.node.ledger;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.log.Entry;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.TransactionEntry;
import org.probity.detector.program.TransactionOutcome;
import org.probity.ledger.transaction.AccountId;
import org.probity.ledger.transaction.Operation;
import org.probity.ledger.transaction.Outcome;
import org.probity.node.http.LedgerQueries;
import org.probity.node.http.Problems;
import org.probity.node.store.LmdbIndex;
import org.probity.node.store.StoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which executed transactions of the own log name an account: an index on disk that is derived from
 * the log and behind it, never a part of what is agreed on. One that is damaged, or of another log,
 * is built again. Thread-safe.
 */
public final class TransferHistory {
  private static final Logger LOG = LoggerFactory.getLogger(TransferHistory.class);

  /** Entries of one write of the index, and writes of one call: others wait behind it. */
  private static final int CHUNK_ENTRIES = 4096;

  private static final int MAX_CHUNKS = 8;

  private final LogReader log;
  private final LmdbIndex index;
  private final boolean hasTransfers;
  private boolean checked;
  private volatile boolean damaged;
  private volatile boolean complete;
  private volatile @Nullable StoreException failure;

  /**
   * @param index used by nobody else
   */
  public TransferHistory(LogReader log, LmdbIndex index) {
    this(log, index, true);
  }

  /**
   * @param hasTransfers whether the log is a ledger's; nothing is read of another program's
   */
  public TransferHistory(LogReader log, LmdbIndex index, boolean hasTransfers) {
    this.log = log;
    this.index = index;
    this.hasTransfers = hasTransfers;
  }

  /**
   * Reads on towards {@code size}, some ten thousand entries at most; blocking, not on an event
   * loop. A disk that takes no more stops the index for good and nothing else.
   */
  public synchronized void indexTo(long size) {
    if (failure != null || !hasTransfers) {
      return;
    }
    try {
      long from = trusted();
      for (int chunk = 0; chunk < MAX_CHUNKS && from < size; chunk++) {
        long to = Math.min(size, from + CHUNK_ENTRIES);
        index.append(places(from, to), new LmdbIndex.Position(to, log.node(0, to - 1)));
        from = to;
      }
      complete |= from >= size;
    } catch (StoreException e) {
      if (e.code() == StoreException.Code.CLOSED) {
        return;
      }
      failure = e;
      LOG.error("the index of transfers is not kept any more", e);
    }
  }

  /** Why the index does not grow any more, if so. */
  public Optional<String> failure() {
    return Optional.ofNullable(failure).map(cause -> String.valueOf(cause.getMessage()));
  }

  /** Entries indexed; whatever does not fit this log is forgotten first. */
  private long trusted() {
    if (damaged || (!checked && !isOfThisLog())) {
      LOG.warn("the index of transfers is damaged or not of this log, building it again");
      index.clear();
      damaged = false;
    }
    checked = true;
    return index.position().map(LmdbIndex.Position::size).orElse(0L);
  }

  private boolean isOfThisLog() {
    try {
      Optional<LmdbIndex.Position> position = index.position();
      return position.isEmpty()
          || (position.get().size() <= log.size()
              && log.node(0, position.get().size() - 1).equals(position.get().lastLeaf()));
    } catch (StoreException e) {
      return false;
    }
  }

  private List<LmdbIndex.Place> places(long from, long to) {
    List<LmdbIndex.Place> found = new ArrayList<>();
    for (long at = from; at < to; at++) {
      for (Operation operation : operations(at)) {
        for (AccountId account : accounts(operation)) {
          found.add(new LmdbIndex.Place(account.value(), at));
        }
      }
    }
    return found;
  }

  /** Entries that name {@code account}, oldest first; the cursor is the last index seen. */
  LedgerQueries.Page page(AccountId account, Optional<String> cursor, int limit) {
    List<Long> found = find(account, cursor.map(TransferHistory::parse).orElse(-1L) + 1, limit + 1);
    List<Long> shown = found.subList(0, Math.min(limit, found.size()));
    List<ObjectNode> items = new ArrayList<>();
    for (long at : shown) {
      operations(at).stream()
          .filter(operation -> accounts(operation).contains(account))
          .forEach(operation -> items.add(json(at, operation)));
    }
    return new LedgerQueries.Page(
        items,
        found.size() <= limit
            ? Optional.empty()
            : Optional.of(String.valueOf(shown.get(shown.size() - 1))));
  }

  private List<Long> find(AccountId account, long from, int limit) {
    if (failure == null && complete) {
      try {
        return index.find(account.value(), from, limit);
      } catch (StoreException e) {
        if (e.code() != StoreException.Code.CORRUPT) {
          throw e;
        }
        complete = false;
        damaged = true;
      }
    }
    // Better no answer than one with holes.
    throw Problems.indexUnavailable(
        failure == null
            ? "the index of transfers is being built"
            : "the index of transfers is not kept any more");
  }

  private static long parse(String cursor) {
    try {
      return Long.parseUnsignedLong(cursor);
    } catch (NumberFormatException e) {
      throw Problems.badField("bad_cursor", "cursor", "use the cursor of the page before");
    }
  }

  private List<Operation> operations(long at) {
    try {
      if (Entry.decode(log.entry(at)).body() instanceof TransactionEntry transaction
          && isAccepted(transaction)) {
        // The log holds only statements that were verified before they were logged.
        return LedgerWords.operations(transaction.statement());
      }
      return List.of();
    } catch (DecodeException e) {
      throw new IllegalStateException("own entry " + at + " is damaged: " + e.getMessage(), e);
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
    json.setAll(OperationJson.of(operation));
    return json;
  }
}
