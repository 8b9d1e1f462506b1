package org.probity.node.runtime;

import java.util.Optional;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.state.StateTree;
import org.probity.detector.state.StateTreeBuilder;
import org.probity.node.store.LmdbStateStore;
import org.probity.node.store.StoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A state as it was flushed. Nothing about it is to be trusted before its root was compared with
 * the one that the log's entry at {@code index} names.
 *
 * @param index of the STATE or GENESIS it claims to be the state at
 */
record FlushedState(long index, StateTree tree) {
  private static final Logger LOG = LoggerFactory.getLogger(FlushedState.class);

  /** Reads all of it; empty if there is none or it is damaged. Blocking, linear in its size. */
  static Optional<FlushedState> load(LmdbStateStore store) {
    try {
      StateTreeBuilder builder = new StateTreeBuilder();
      Optional<LmdbStateStore.Position> position =
          store.load(
              (key, value) -> {
                try {
                  builder.add(key, value);
                } catch (DecodeException e) {
                  throw new StoreException(StoreException.Code.CORRUPT, e.code());
                }
              });
      return position.map(at -> new FlushedState(at.index(), builder.build()));
    } catch (StoreException e) {
      LOG.warn("the flushed state cannot be read: {}", e.getMessage());
      return Optional.empty();
    }
  }
}
