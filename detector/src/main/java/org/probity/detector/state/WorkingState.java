package org.probity.detector.state;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;

/**
 * The state in the hands of its single owner. A savepoint is the tree itself, so taking one and
 * rolling back to it are free.
 */
public final class WorkingState implements StateView {
  private StateTree tree;

  public WorkingState(StateTree tree) {
    this.tree = tree;
  }

  /** The state now; keep it as a savepoint or hand it to readers. */
  public StateTree tree() {
    return tree;
  }

  /** Undoes everything since {@code savepoint} was taken from {@link #tree}. */
  public void rollbackTo(StateTree savepoint) {
    tree = savepoint;
  }

  /** Hashes what changed; once per batch. */
  public Hash root() {
    return tree.root();
  }

  @Override
  public @Nullable Bytes get(Bytes key) {
    return tree.get(key);
  }

  @Override
  public void put(Bytes key, Bytes value) {
    tree = tree.put(key, value);
  }

  @Override
  public void remove(Bytes key) {
    tree = tree.remove(key);
  }

  @Override
  public void removeRange(Bytes from, @Nullable Bytes to) {
    tree = tree.removeRange(from, to);
  }

  @Override
  public List<KeyValue> scan(Bytes from, @Nullable Bytes to, int limit) {
    if (limit > MAX_SCAN_LIMIT) {
      throw new IllegalArgumentException(
          "a scan returns at most " + MAX_SCAN_LIMIT + " bindings, not " + limit);
    }
    return tree.scan(from, to, limit);
  }
}
