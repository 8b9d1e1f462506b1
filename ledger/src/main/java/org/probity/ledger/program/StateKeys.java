package org.probity.ledger.program;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.ledger.transaction.AccountId;
import org.probity.ledger.transaction.AssetId;

/** The state's keys (table: package doc). */
final class StateKeys {
  static final byte ACCOUNT = 'a';
  static final byte ISSUANCE = 'i';
  static final byte SETTLEMENT = 'n';
  static final byte PENDING = 'p';
  static final byte ASSET = 's';
  static final byte NONSENSE = 'x';

  private static final int ACCOUNT_HASH_BYTES = 8;

  static final Bytes OPERATOR = Bytes.of((byte) 'o');

  private StateKeys() {}

  /**
   * A part of the id's hash goes first: whoever opens accounts chooses ids, and ids chosen to make
   * paths in the state's tree long would make proofs about them too big to send.
   */
  static Bytes account(AccountId account) {
    byte[] id = account.value().unsafeArray();
    return Bytes.wrap(
        ByteBuffer.allocate(1 + ACCOUNT_HASH_BYTES + AccountId.BYTES)
            .put(ACCOUNT)
            .put(Hash.sha256(id).unsafeArray(), 0, ACCOUNT_HASH_BYTES)
            .put(id)
            .array());
  }

  static Bytes issuance(AssetId asset) {
    return tagged(ISSUANCE, asset.value().unsafeArray());
  }

  static Bytes asset(AssetId asset) {
    return tagged(ASSET, asset.value().unsafeArray());
  }

  static Bytes settlement(AssetId asset, String node) {
    byte[] name = name(node);
    return Bytes.wrap(
        ByteBuffer.allocate(1 + AssetId.BYTES + name.length)
            .put(SETTLEMENT)
            .put(asset.value().unsafeArray())
            .put(name)
            .array());
  }

  /** Groups of one channel sort by their first number. */
  static Bytes pending(AssetId asset, String node, long first) {
    byte[] name = name(node);
    return Bytes.wrap(
        ByteBuffer.allocate(1 + AssetId.BYTES + 1 + name.length + Long.BYTES)
            .put(PENDING)
            .put(asset.value().unsafeArray())
            .put((byte) name.length)
            .put(name)
            .putLong(first)
            .array());
  }

  static Bytes nonsense(String node) {
    return tagged(NONSENSE, name(node));
  }

  static Bytes table(byte tag) {
    return Bytes.of(tag);
  }

  /** The first key after all that start with {@code tag}. */
  static Bytes tableEnd(byte tag) {
    return Bytes.of((byte) (tag + 1));
  }

  static AccountId accountOf(Bytes key) {
    return new AccountId(key.slice(1 + ACCOUNT_HASH_BYTES, key.size()));
  }

  /** Of an issuance, a settlement, a pending group or an asset. */
  static AssetId assetOf(Bytes key) {
    return new AssetId(key.slice(1, 1 + AssetId.BYTES));
  }

  static String nodeOfSettlement(Bytes key) {
    return text(key.slice(1 + AssetId.BYTES, key.size()));
  }

  static String nodeOfPending(Bytes key) {
    return text(key.slice(2 + AssetId.BYTES, key.size() - Long.BYTES));
  }

  static long firstOfPending(Bytes key) {
    return ByteBuffer.wrap(key.unsafeArray()).getLong(key.size() - Long.BYTES);
  }

  private static String text(Bytes name) {
    return new String(name.unsafeArray(), StandardCharsets.UTF_8);
  }

  private static byte[] name(String node) {
    return node.getBytes(StandardCharsets.UTF_8);
  }

  private static Bytes tagged(byte tag, byte[] rest) {
    byte[] key = new byte[1 + rest.length];
    key[0] = tag;
    System.arraycopy(rest, 0, key, 1, rest.length);
    return Bytes.wrap(key);
  }
}
