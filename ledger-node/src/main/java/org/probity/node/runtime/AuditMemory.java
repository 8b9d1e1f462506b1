package org.probity.node.runtime;

import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.probity.detector.audit.ConformanceAudit;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.commitment.Machine;
import org.probity.detector.log.Entry;
import org.probity.detector.log.LogReader;
import org.probity.detector.state.StateTree;
import org.probity.node.store.LmdbStateStore;
import org.probity.node.store.StateFlusher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How far a ward's log was audited clean, and its state there, on disk: a restart replays the tail
 * and not the whole log (protocol.md §6.4).
 *
 * <p>What was kept is believed only if its root is the one that the ward's own STATE at that place
 * names, in the log as it is stored here; else everything is replayed from GENESIS. It is written
 * behind the audit, and losing it costs time only.
 */
final class AuditMemory {
  private static final Logger LOG = LoggerFactory.getLogger(AuditMemory.class);

  private final String ward;
  private final Supplier<LmdbStateStore> open;
  private volatile @Nullable StateFlusher flusher;
  private volatile @Nullable StateSaver saver;

  /**
   * @param open gives the store; called by {@link #recall}, and that may fail
   */
  AuditMemory(String ward, Supplier<LmdbStateStore> open) {
    this.ward = ward;
    this.open = open;
  }

  /**
   * The audit to go on with. Blocking, linear in the size of the state.
   *
   * @param log the ward's, as it is stored here
   */
  synchronized ConformanceAudit recall(Machine machine, LogReader log) {
    LmdbStateStore store = open.get();
    Optional<ConformanceAudit> resumed = resume(machine, log, store);
    if (resumed.isEmpty()) {
      store.clear();
    }
    ConformanceAudit audit = resumed.orElseGet(() -> new ConformanceAudit(machine));
    StateFlusher started = StateFlusher.start(store, "audit-flush-" + ward);
    flusher = started;
    saver = new StateSaver(started, resumed.isPresent() ? audit.auditedState() : StateTree.EMPTY);
    return audit;
  }

  private Optional<ConformanceAudit> resume(Machine machine, LogReader log, LmdbStateStore store) {
    boolean kept = store.position().isPresent();
    Optional<FlushedState> flushed = FlushedState.load(store);
    if (flushed.isPresent() && flushed.get().index() < log.size()) {
      try {
        Entry last = Entry.decode(log.entry(flushed.get().index()));
        return Optional.of(ConformanceAudit.resume(machine, last, flushed.get().tree()));
      } catch (DecodeException | IllegalArgumentException e) {
        LOG.debug("the audited state of {} does not fit", ward, e);
      }
    }
    if (kept) {
      LOG.error(
          "{}: the audited state kept here is not that of its log; replaying it from GENESIS",
          ward);
    }
    return Optional.empty();
  }

  /** The audit is clean up to the STATE it has reached. */
  void reached(ConformanceAudit audit) {
    StateSaver current = saver;
    // GENESIS alone is not worth remembering: an audit that begins there begins with it.
    if (current != null && audit.auditedSize() > 1) {
      current.reached(audit.auditedSize() - 1, audit.auditedState());
    }
  }

  /** Hands what is new to the disk's thread; not on an event loop. */
  void save() {
    StateSaver current = saver;
    if (current != null) {
      current.save();
    }
  }

  /** Why nothing is kept any more, if so. */
  Optional<String> failure() {
    StateFlusher current = flusher;
    return current == null
        ? Optional.empty()
        : current.failure().map(cause -> String.valueOf(cause.getMessage()));
  }

  /** Writes what is left and needs no memory any more, until it is to {@link #recall} again. */
  synchronized void rest() {
    close();
    saver = null;
    flusher = null;
  }

  /** Writes what is left. */
  synchronized void close() {
    save();
    StateFlusher current = flusher;
    if (current != null) {
      current.close();
    }
  }
}
