package org.probity.node.runtime;

import java.util.Collection;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.probity.node.ledger.TransferHistory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What follows the log at its own pace and can always be made again from it: the flushed state, the
 * index of transfers, how far wards were audited and what of them was passed on. Blocking;
 * thread-safe.
 */
final class Upkeep {
  private static final Logger LOG = LoggerFactory.getLogger(Upkeep.class);

  private final StateSaver saver;
  private final TransferHistory history;
  private final LongSupplier released;
  private final Supplier<Collection<Ward>> wards;
  private final AtomicBoolean catchingUp = new AtomicBoolean();

  /**
   * @param released entries of the own log that others may see
   */
  Upkeep(
      StateSaver saver,
      TransferHistory history,
      LongSupplier released,
      Supplier<Collection<Ward>> wards) {
    this.saver = saver;
    this.history = history;
    this.released = released;
    this.wards = wards;
  }

  /** One at a time, or they would hold up all workers. */
  void catchUp() {
    if (catchingUp.compareAndSet(false, true)) {
      try {
        background("the flush of the state", saver::save);
        indexTransfers();
        wards.get().forEach(ward -> background("the memory of " + ward.node(), ward::save));
        wards.get().forEach(ward -> background("the relay of " + ward.node(), ward::relay));
      } finally {
        catchingUp.set(false);
      }
    }
  }

  /** Brings the index up to the end of what it may be asked for. */
  void indexTransfers() {
    background("the index of transfers", () -> history.indexTo(released.getAsLong()));
  }

  /** What one of them throws does not hold up the others. */
  private static void background(String what, Runnable work) {
    try {
      work.run();
    } catch (RuntimeException e) {
      LOG.error("{} has failed", what, e);
    }
  }
}
