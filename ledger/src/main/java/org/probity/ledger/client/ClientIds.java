package org.probity.ledger.client;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.function.LongSupplier;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.program.Transaction;

/**
 * Makes the ids that keep a transaction from being executed twice.
 *
 * <p>Keep the id with the transaction until its outcome is known and send the very same bytes again
 * when in doubt: the node then answers with the first outcome. Ids from a seed let a program that
 * crashed make the same transactions once more. Not thread-safe.
 */
public final class ClientIds {
  private static final byte[] SEED_DOMAIN =
      "probity/client-id/1\n".getBytes(StandardCharsets.US_ASCII);

  private final LongSupplier chosen;

  private ClientIds(LongSupplier chosen) {
    this.chosen = chosen;
  }

  /** Ids nobody can guess. */
  public static ClientIds random() {
    return new ClientIds(new SecureRandom()::nextLong);
  }

  /**
   * The same ids in the same order for the same seed. Use a seed once per submitter: a file's hash,
   * a batch number.
   */
  public static ClientIds fromSeed(Bytes seed) {
    return new ClientIds(
        new LongSupplier() {
          private long count;

          @Override
          public long getAsLong() {
            byte[] number = ByteBuffer.allocate(Long.BYTES).putLong(count++).array();
            byte[] hash = Hash.sha256(SEED_DOMAIN, number, seed.unsafeArray()).unsafeArray();
            return ByteBuffer.wrap(hash).getLong();
          }
        });
  }

  /**
   * The next id, for a transaction that must not execute after {@code notAfterMillis}, ledger time.
   */
  public Bytes next(long notAfterMillis) {
    return Transaction.clientId(notAfterMillis, chosen.getAsLong());
  }
}
