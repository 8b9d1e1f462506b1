package org.probity.ledger.transaction;

import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.DecodeException;

/**
 * Names an asset everywhere: the first 16 bytes of the hash of its {@link AssetDefinition}, so it
 * means the same on all nodes without any of them asking another.
 *
 * <p>Two definitions with one id cost their author 2^64 hashes and buy nothing: the author holds
 * the issuer keys of both and may issue at will anyway.
 */
public record AssetId(Bytes value) implements Comparable<AssetId> {
  public static final int BYTES = 16;

  public AssetId {
    if (value.size() != BYTES) {
      throw new IllegalArgumentException("an asset id has 16 bytes, not " + value.size());
    }
  }

  public static AssetId fromHex(String hex) {
    return new AssetId(Bytes.fromHex(hex));
  }

  static AssetId read(CborReader in) throws DecodeException {
    return new AssetId(in.bytes(BYTES));
  }

  @Override
  public int compareTo(AssetId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value.toHex();
  }
}
