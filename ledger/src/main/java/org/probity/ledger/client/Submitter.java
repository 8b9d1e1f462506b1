package org.probity.ledger.client;

import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.PublicKey;
import org.probity.ledger.transaction.AccountId;

/** On whose behalf a transaction is submitted: whose namespace its id is in. */
public record Submitter(Bytes value) {

  /** An account of the node; its owners sign. */
  public static Submitter account(AccountId account) {
    return new Submitter(account.value());
  }

  /** A key that signs: operators, issuers, or a bank that pays for many accounts at once. */
  public static Submitter key(PublicKey key) {
    return new Submitter(key.toBytes());
  }
}
