package org.probity.node.runtime;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.state.StateDiff;
import org.probity.detector.state.StateTree;
import org.probity.node.store.LmdbStateStore;
import org.probity.node.store.StateFlusher;

/**
 * Hands the difference between the state on disk and the newest one of a log to the flusher, from
 * time to time and at the end. Being late costs a longer replay at the next start, nothing else.
 */
final class StateSaver {
  private final StateFlusher flusher;
  private StateTree saved;
  private volatile @Nullable Reached newest;

  private record Reached(long index, StateTree state) {}

  /**
   * @param onDisk the state as it is flushed
   */
  StateSaver(StateFlusher flusher, StateTree onDisk) {
    this.flusher = flusher;
    this.saved = onDisk;
  }

  /**
   * The log has come so far; what its STATE at {@code index} names. Any thread, later and later
   * ones.
   */
  void reached(long index, StateTree state) {
    newest = new Reached(index, state);
  }

  /** Blocking for as long as the difference is large; not on an event loop. */
  synchronized void save() {
    Reached now = newest;
    if (now == null || now.state() == saved) {
      return;
    }
    Map<Bytes, Optional<Bytes>> changes = new TreeMap<>();
    StateDiff.between(
        saved,
        now.state(),
        new StateDiff.Sink() {
          @Override
          public void put(Bytes key, Bytes value) {
            changes.put(key, Optional.of(value));
          }

          @Override
          public void remove(Bytes key) {
            changes.put(key, Optional.empty());
          }
        });
    flusher.offer(changes, new LmdbStateStore.Position(now.index(), now.state().root()));
    saved = now.state();
  }
}
