package org.probity.detector.log;

import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;

/**
 * The three hash rules of a transparency log's tree (RFC 6962 §2.1).
 *
 * <p>The two domain bytes are why a leaf can never be passed off as an interior node or the other
 * way round: no second preimage between levels.
 */
public final class Rfc6962 {
  /** Root of the tree without leaves: SHA-256 of nothing. */
  public static final Hash EMPTY_ROOT = Hash.sha256(new byte[0]);

  private static final byte LEAF = 0x00;
  private static final byte INTERIOR = 0x01;

  private Rfc6962() {}

  /** {@code SHA-256(0x00 || data)}. One hash over all of {@code data}. */
  public static Hash leaf(byte[] data) {
    return Hash.sha256(LEAF, data);
  }

  /** {@code SHA-256(0x00 || data)}. One hash over all of {@code data}. */
  public static Hash leaf(Bytes data) {
    return leaf(data.unsafeArray());
  }

  /** {@code SHA-256(0x01 || left || right)}: 65 bytes, two SHA-256 blocks. */
  public static Hash interior(Hash left, Hash right) {
    return Hash.sha256(INTERIOR, left, right);
  }
}
