package org.probity.detector.program;

import java.util.List;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.PublicKey;

/**
 * A client transaction whose signatures hold.
 *
 * @param signers the keys that signed, ascending, without duplicates; whether they may act for the
 *     submitter is for the program to say
 * @param transaction what they signed
 * @param index the entry this transaction gets in the log
 */
public record Submission(List<PublicKey> signers, Transaction transaction, long index) {
  public Submission {
    signers = List.copyOf(signers);
  }

  public Bytes body() {
    return transaction.body();
  }
}
