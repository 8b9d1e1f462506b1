package org.probity.node.store;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.lmdbjava.Cursor;
import org.lmdbjava.Dbi;
import org.lmdbjava.GetOp;
import org.lmdbjava.Txn;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;

/**
 * Which entries of a log speak of a term: derived from the log, behind it, and rebuilt from it on
 * any doubt. Memory is LMDB's page cache, whatever the length of the log.
 *
 * <p>A place is one key, the term and the big-endian index behind it, so that the places of a term
 * lie side by side in the order of the log. An environment of its own, because the index must not
 * hold up commits.
 *
 * <p>Reads from any thread; one writer at a time.
 */
public final class LmdbIndex implements AutoCloseable {
  public static final int MAX_TERM_BYTES = LmdbEnvironment.MAX_KEY_BYTES - Long.BYTES;

  private static final byte[] NOTHING = {};

  /**
   * How much of the log is indexed.
   *
   * @param size entries, from the first one on
   * @param lastLeaf hash of the last of them: the index is of this log and no other
   */
  public record Position(long size, Hash lastLeaf) {}

  /**
   * An entry that speaks of a term.
   *
   * @param term 1 to {@value #MAX_TERM_BYTES} bytes; no term begins with another one
   */
  public record Place(Bytes term, long index) {}

  private final LmdbEnvironment environment;
  private final Dbi<ByteBuffer> places;
  private final PositionRow position;

  private LmdbIndex(LmdbEnvironment environment) {
    this.environment = environment;
    this.places = environment.database("places");
    this.position = PositionRow.open(environment, "index");
  }

  /**
   * Opens or creates the index.
   *
   * @throws StoreException {@code FORMAT} or {@code IO}
   */
  public static LmdbIndex open(Path directory, long mapBytes) {
    LmdbEnvironment environment =
        LmdbEnvironment.open(directory, mapBytes, 2, LmdbEnvironment.Faults.NONE);
    try {
      return new LmdbIndex(environment);
    } catch (StoreException e) {
      environment.close();
      throw e;
    }
  }

  /** How much is indexed; empty before the first {@link #append}. */
  public Optional<Position> position() {
    return environment.read(this::position);
  }

  private Optional<Position> position(Txn<ByteBuffer> txn) {
    return position.read(txn).map(row -> new Position(row.number(), row.hash()));
  }

  /** Adds what the entries up to {@code next} speak of. One durable transaction. */
  public void append(Collection<Place> found, Position next) {
    environment.write(
        txn -> {
          for (Place place : found) {
            CheckedValues.put(places, txn, key(place.term(), place.index()), NOTHING);
          }
          position.write(txn, next.size(), next.lastLeaf());
        });
  }

  private static byte[] key(Bytes term, long index) {
    return ByteBuffer.allocate(term.size() + Long.BYTES)
        .put(term.unsafeArray())
        .putLong(index)
        .array();
  }

  /**
   * The first entries from {@code fromIndex} on that speak of {@code term}, in the order of the
   * log. Cost: one seek and a step each.
   *
   * @throws StoreException {@code CORRUPT} if a place is not what was written: rebuild
   */
  public List<Long> find(Bytes term, long fromIndex, int limit) {
    return environment.read(
        txn -> {
          List<Long> found = new ArrayList<>();
          try (Cursor<ByteBuffer> cursor = places.openCursor(txn)) {
            boolean more =
                cursor.get(LmdbEnvironment.key(key(term, fromIndex)), GetOp.MDB_SET_RANGE);
            while (more && found.size() < limit) {
              byte[] key = LmdbEnvironment.copy(cursor.key());
              if (!Bytes.wrap(key).startsWith(term)) {
                break;
              }
              CheckedValues.check(key, LmdbEnvironment.copy(cursor.val()));
              found.add(ByteBuffer.wrap(key, key.length - Long.BYTES, Long.BYTES).getLong());
              more = cursor.next();
            }
          }
          return List.copyOf(found);
        });
  }

  /** Forgets everything: before it is built again. */
  public void clear() {
    environment.write(
        txn -> {
          places.drop(txn);
          position.clear(txn);
        });
  }

  public long usedBytes() {
    return environment.usage().usedBytes();
  }

  public long maxBytes() {
    return environment.usage().maxBytes();
  }

  @Override
  public void close() {
    environment.close();
  }
}
