package org.probity.node.store;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import org.lmdbjava.Cursor;
import org.lmdbjava.Dbi;
import org.lmdbjava.PutFlags;
import org.lmdbjava.Txn;

/**
 * Values that carry a CRC-32C over key and content behind the content, because LMDB has no page
 * checksums: a flipped bit is an exception, not a wrong hash in somebody's proof.
 */
final class CheckedValues {
  private static final int CRC_BYTES = Integer.BYTES;

  private CheckedValues() {}

  static void put(
      Dbi<ByteBuffer> database,
      Txn<ByteBuffer> txn,
      byte[] key,
      byte[] content,
      PutFlags... flags) {
    ByteBuffer slot =
        database.reserve(txn, LmdbEnvironment.key(key), content.length + CRC_BYTES, flags);
    fill(slot, key, content);
  }

  /** At the end of a database whose keys are all smaller; one page touched. */
  static void append(Cursor<ByteBuffer> cursor, byte[] key, byte[] content) {
    ByteBuffer slot =
        cursor.reserve(LmdbEnvironment.key(key), content.length + CRC_BYTES, PutFlags.MDB_APPEND);
    fill(slot, key, content);
  }

  private static void fill(ByteBuffer slot, byte[] key, byte[] content) {
    slot.order(ByteOrder.BIG_ENDIAN).put(content);
    slot.putInt(StoreFiles.crc32c(key, content, 0, content.length));
  }

  /**
   * The content, or null if there is no such key.
   *
   * @throws StoreException {@code CORRUPT} if it is not what was written
   */
  static byte @Nullable [] get(Dbi<ByteBuffer> database, Txn<ByteBuffer> txn, byte[] key) {
    ByteBuffer value = database.get(txn, LmdbEnvironment.key(key));
    return value == null ? null : check(key, LmdbEnvironment.copy(value));
  }

  static byte[] check(byte[] key, byte[] value) {
    int length = value.length - CRC_BYTES;
    boolean isIntact =
        length >= 0
            && ByteBuffer.wrap(value, length, CRC_BYTES).getInt()
                == StoreFiles.crc32c(key, value, 0, length);
    if (!isIntact) {
      throw new StoreException(
          StoreException.Code.CORRUPT,
          "the value under key " + HexFormat.of().formatHex(key) + " fails its checksum");
    }
    return Arrays.copyOf(value, length);
  }
}
