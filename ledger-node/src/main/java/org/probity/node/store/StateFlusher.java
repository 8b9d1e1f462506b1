package org.probity.node.store;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;

/**
 * Writes the authenticated state to its store behind the commits.
 *
 * <p>{@link #offer} never blocks and never fails: differences that pile up while a flush runs are
 * merged and written together, so a burst costs memory for the keys it touched, not for the number
 * of batches. The price of lag is a longer replay at the next start, nothing else; that is also
 * what a flush that fails costs, so it stops the flusher and not the node.
 */
public final class StateFlusher implements AutoCloseable {
  private final LmdbStateStore store;
  private final Thread thread;

  private Map<Bytes, Optional<Bytes>> pending = new HashMap<>();
  private LmdbStateStore.@Nullable Position offered;
  private long flushedIndex;
  private boolean busy;
  private boolean closing;
  private @Nullable RuntimeException failure;

  private StateFlusher(LmdbStateStore store, String name) {
    this.store = store;
    this.thread = new Thread(this::run, name);
    this.thread.setDaemon(true);
    this.flushedIndex = store.position().map(LmdbStateStore.Position::index).orElse(-1L);
  }

  public static StateFlusher start(LmdbStateStore store, String threadName) {
    StateFlusher flusher = new StateFlusher(store, threadName);
    flusher.thread.start();
    return flusher;
  }

  /**
   * The next difference; offer only what a durable commit carries, in log order.
   *
   * @param changes key to new value, empty for a removal, since the position offered before
   */
  public synchronized void offer(
      Map<Bytes, Optional<Bytes>> changes, LmdbStateStore.Position position) {
    if (failure != null || closing) {
      return;
    }
    pending.putAll(changes);
    offered = position;
    notifyAll();
  }

  /** Log entries between the newest state offered and the one on the disk. */
  public synchronized long lagEntries() {
    return offered == null ? 0 : Math.max(0, offered.index() - flushedIndex);
  }

  /** Keys waiting to be written. */
  public synchronized int pendingKeys() {
    return pending.size();
  }

  /** Why flushing stopped, if it did. */
  public synchronized Optional<RuntimeException> failure() {
    return Optional.ofNullable(failure);
  }

  /** Waits until everything offered so far is on the disk, or flushing has failed. */
  public synchronized void awaitFlushed() throws InterruptedException {
    while (failure == null && (busy || !pending.isEmpty() || lagEntries() > 0)) {
      wait();
    }
  }

  private record Work(Map<Bytes, Optional<Bytes>> changes, LmdbStateStore.Position position) {}

  private void run() {
    for (Work work = next(); work != null; work = next()) {
      try {
        store.apply(work.changes(), work.position());
        done(work.position().index(), null);
      } catch (RuntimeException e) {
        done(-1, e);
        return;
      }
    }
  }

  private synchronized @Nullable Work next() {
    while (true) {
      LmdbStateStore.Position position = offered;
      if (position != null && position.index() > flushedIndex) {
        Work work = new Work(pending, position);
        pending = new HashMap<>();
        busy = true;
        return work;
      }
      if (closing) {
        return null;
      }
      try {
        wait();
      } catch (InterruptedException e) {
        // Only close() stops this thread.
      }
    }
  }

  private synchronized void done(long index, @Nullable RuntimeException thrown) {
    busy = false;
    failure = thrown;
    if (thrown == null) {
      flushedIndex = index;
    } else {
      pending = new HashMap<>();
    }
    notifyAll();
  }

  /** Flushes what was offered, then stops. Closes the store not. */
  @Override
  public void close() {
    synchronized (this) {
      closing = true;
      notifyAll();
    }
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
