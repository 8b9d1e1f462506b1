package org.probity.detector.state;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;

/** A state that can be looked at; whoever writes to it is told that this is a bug. */
public record ReadOnlyView(StateView state) implements StateView {
  @Override
  public @Nullable Bytes get(Bytes key) {
    return state.get(key);
  }

  @Override
  public void put(Bytes key, Bytes value) {
    throw new IllegalStateException("this state is to be read");
  }

  @Override
  public void remove(Bytes key) {
    throw new IllegalStateException("this state is to be read");
  }

  @Override
  public void removeRange(Bytes from, @Nullable Bytes to) {
    throw new IllegalStateException("this state is to be read");
  }

  @Override
  public List<KeyValue> scan(Bytes from, @Nullable Bytes to, int limit) {
    return state.scan(from, to, limit);
  }
}
