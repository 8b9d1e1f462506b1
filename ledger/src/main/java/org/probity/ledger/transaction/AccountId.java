package org.probity.ledger.transaction;

import java.nio.charset.StandardCharsets;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;

/**
 * Names an account on its home node: 16 bytes that whoever opens the account chooses. The same id
 * on two nodes is two accounts.
 */
public record AccountId(Bytes value) implements Comparable<AccountId> {
  public static final int BYTES = 16;

  private static final byte[] NAME_DOMAIN =
      "probity/account-name/1\n".getBytes(StandardCharsets.US_ASCII);

  public AccountId {
    if (value.size() != BYTES) {
      throw new IllegalArgumentException("an account id has 16 bytes, not " + value.size());
    }
  }

  /** The id for an account number of another system: the first 16 bytes of its tagged SHA-256. */
  public static AccountId named(String name) {
    Hash hash = Hash.sha256(NAME_DOMAIN, name.getBytes(StandardCharsets.UTF_8));
    return new AccountId(hash.toBytes().slice(0, BYTES));
  }

  public static AccountId fromHex(String hex) {
    return new AccountId(Bytes.fromHex(hex));
  }

  static AccountId read(CborReader in) throws DecodeException {
    return new AccountId(in.bytes(BYTES));
  }

  @Override
  public int compareTo(AccountId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value.toHex();
  }
}
