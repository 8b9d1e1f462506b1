package org.probity.detector.crypto;

import java.util.ArrayList;
import java.util.List;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CoseSign1;
import org.probity.detector.codec.DecodeException;

/**
 * The only door from bytes to a {@link VerifiedStatement}, for one network. Stateless and
 * thread-safe: nodes verify on many worker threads. Costs one verification per signature, so at
 * most 16; deterministic, including the reason of a failure.
 */
public final class StatementVerifier {
  private final SignatureRule rule;
  private final Hash networkId;

  public StatementVerifier(SignatureRule rule, Hash networkId) {
    this.rule = rule;
    this.networkId = networkId;
  }

  /**
   * Decodes and verifies. Fails with a code of {@link Statement#decode}, {@code
   * statement_wrong_typ}, {@code statement_wrong_network}, {@code key_invalid} or {@code
   * statement_bad_signature}; cheap checks come first.
   */
  public VerifiedStatement verify(Bytes encoded, String expectedTyp) throws DecodeException {
    return verify(Statement.decode(encoded), expectedTyp);
  }

  /** As {@link #verify(Bytes, String)}, of a statement that is already decoded. */
  public VerifiedStatement verify(Statement statement, String expectedTyp) throws DecodeException {
    if (!statement.typ().equals(expectedTyp)) {
      throw new DecodeException(
          "statement_wrong_typ", "expected a " + expectedTyp + ", found a " + statement.typ());
    }
    if (!statement.networkId().equals(networkId)) {
      throw new DecodeException(
          "statement_wrong_network",
          "expected network " + networkId + ", found " + statement.networkId());
    }
    List<PublicKey> signers = new ArrayList<>(statement.signatures().size());
    for (CoseSign1 signed : statement.signatures()) {
      PublicKey key = PublicKey.decode(signed.kid());
      if (!rule.accepts(key, signed.toBeSigned(), signed.signature())) {
        throw new DecodeException("statement_bad_signature", "no valid signature by " + key);
      }
      signers.add(key);
    }
    return new VerifiedStatement(statement, signers);
  }
}
