package org.probity.node.store;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.lmdbjava.Cursor;
import org.lmdbjava.Dbi;
import org.lmdbjava.Txn;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;

/**
 * The authenticated state as it was at some log index, so that a start replays a tail and not the
 * whole log (protocol.md §4.4).
 *
 * <p>An environment of its own, because LMDB has one writer per environment and the flush must not
 * hold up commits. Nothing here is a promise: whoever loads recomputes the root, and on any doubt
 * replays from further back.
 *
 * <p>Safe for use by many threads.
 */
public final class LmdbStateStore implements AutoCloseable {

  /**
   * Where the stored state stands.
   *
   * @param index of the STATE entry (GENESIS: 0)
   * @param root the state root that entry names
   */
  public record Position(long index, Hash root) {}

  private final LmdbEnvironment environment;
  private final Dbi<ByteBuffer> values;
  private final PositionRow position;

  private LmdbStateStore(LmdbEnvironment environment) {
    this.environment = environment;
    this.values = environment.database("values");
    this.position = PositionRow.open(environment, "state");
  }

  public static LmdbStateStore open(Path directory, long mapBytes) {
    return open(directory, mapBytes, LmdbEnvironment.Faults.NONE);
  }

  static LmdbStateStore open(Path directory, long mapBytes, LmdbEnvironment.Faults faults) {
    LmdbEnvironment environment = LmdbEnvironment.open(directory, mapBytes, 2, faults);
    try {
      return new LmdbStateStore(environment);
    } catch (StoreException e) {
      environment.close();
      throw e;
    }
  }

  /** Where the stored state stands; empty before the first {@link #apply}. */
  public Optional<Position> position() {
    return environment.read(this::position);
  }

  private Optional<Position> position(Txn<ByteBuffer> txn) {
    return position.read(txn).map(row -> new Position(row.number(), row.hash()));
  }

  /**
   * Applies the difference between the stored position and {@code next}, and moves there. One
   * durable transaction.
   *
   * @param changes key to new value, empty for a removal; keys of 1 to 511 bytes
   */
  public void apply(Map<Bytes, Optional<Bytes>> changes, Position next) {
    environment.write(
        txn -> {
          changes.forEach(
              (key, value) -> {
                if (value.isPresent()) {
                  CheckedValues.put(values, txn, key.unsafeArray(), value.get().unsafeArray());
                } else {
                  values.delete(txn, LmdbEnvironment.key(key.unsafeArray()));
                }
              });
          position.write(txn, next.index(), next.root());
        });
  }

  /**
   * Hands every key and value to {@code sink}, in key order, and returns where they stand: one
   * snapshot. Empty, without a call to the sink, before the first {@link #apply}.
   *
   * @throws StoreException {@code CORRUPT} at the first damaged value; discard what came before
   */
  public Optional<Position> load(BiConsumer<Bytes, Bytes> sink) {
    return environment.read(
        txn -> {
          Optional<Position> stored = position(txn);
          if (stored.isEmpty()) {
            return stored;
          }
          try (Cursor<ByteBuffer> cursor = values.openCursor(txn)) {
            for (boolean more = cursor.first(); more; more = cursor.next()) {
              byte[] key = LmdbEnvironment.copy(cursor.key());
              byte[] value = CheckedValues.check(key, LmdbEnvironment.copy(cursor.val()));
              sink.accept(Bytes.wrap(key), Bytes.wrap(value));
            }
          }
          return stored;
        });
  }

  /** Forgets everything: after damage, before a replay from further back. */
  public void clear() {
    environment.write(
        txn -> {
          values.drop(txn);
          position.clear(txn);
        });
  }

  public long usedBytes() {
    return environment.usage().usedBytes();
  }

  public long maxBytes() {
    return environment.usage().maxBytes();
  }

  public void backup(Path target) {
    environment.copyTo(target);
  }

  @Override
  public void close() {
    environment.close();
  }
}
