package org.probity.node.store;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.lmdbjava.Dbi;
import org.lmdbjava.Txn;
import org.probity.detector.crypto.Hash;

/**
 * How far something that is derived from a log has followed it: one row, a number and a hash that
 * ties it to that log, written in the transaction that moves it.
 *
 * @param what is derived, for the message when the row is unreadable
 */
record PositionRow(Dbi<ByteBuffer> database, String what) {
  private static final byte[] KEY = "position".getBytes(StandardCharsets.US_ASCII);

  /** What stands in it. */
  record Position(long number, Hash hash) {}

  static PositionRow open(LmdbEnvironment environment, String what) {
    return new PositionRow(environment.database("position"), what);
  }

  /**
   * Empty before the first {@link #write}.
   *
   * @throws StoreException {@code CORRUPT}
   */
  Optional<Position> read(Txn<ByteBuffer> txn) {
    byte[] value = CheckedValues.get(database, txn, KEY);
    if (value == null) {
      return Optional.empty();
    }
    if (value.length != Long.BYTES + Hash.BYTES) {
      throw new StoreException(
          StoreException.Code.CORRUPT, "the " + what + "'s position is unreadable");
    }
    return Optional.of(
        new Position(ByteBuffer.wrap(value).getLong(), Hash.of(value, Long.BYTES, Hash.BYTES)));
  }

  void write(Txn<ByteBuffer> txn, long number, Hash hash) {
    byte[] encoded =
        ByteBuffer.allocate(Long.BYTES + Hash.BYTES)
            .putLong(number)
            .put(hash.unsafeArray())
            .array();
    CheckedValues.put(database, txn, KEY, encoded);
  }

  void clear(Txn<ByteBuffer> txn) {
    database.drop(txn);
  }
}
