package org.probity.detector.governance;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.PublicKey;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.Statement;
import org.probity.detector.crypto.StatementVerifier;
import org.probity.detector.crypto.VerifiedStatement;

/**
 * A ballot under one valid signature. Whether the key is the member's is for the holder of the
 * electorate, or of the history of keys, to say.
 */
public final class SignedBallot {
  private final Ballot ballot;
  private final PublicKey signer;
  private final Bytes encoded;
  private @Nullable Hash key;

  private SignedBallot(Ballot ballot, PublicKey signer, Bytes encoded) {
    this.ballot = ballot;
    this.signer = signer;
    this.encoded = encoded;
  }

  /** Signs; the caller has kept the {@link BallotMark} before. */
  public static Statement sign(Hash networkId, Ballot ballot, Signer governanceKey) {
    return Statement.sign(networkId, Ballot.TYP, ballot.encode(), governanceKey);
  }

  /**
   * One signature verification. Codes: {@code ballot_too_large}, those of {@link StatementVerifier}
   * and {@link Ballot#decode}, {@code ballot_signer_count}.
   */
  public static SignedBallot verify(Bytes statement, StatementVerifier verifier)
      throws DecodeException {
    if (statement.size() > Ballot.MAX_STATEMENT_BYTES) {
      throw new DecodeException(
          "ballot_too_large", statement.size() + " bytes, at most " + Ballot.MAX_STATEMENT_BYTES);
    }
    VerifiedStatement verified = verifier.verify(statement, Ballot.TYP);
    List<PublicKey> signers = verified.signers();
    if (signers.size() != 1) {
      throw new DecodeException("ballot_signer_count", "a ballot has one signature");
    }
    return new SignedBallot(Ballot.decode(verified.payload()), signers.get(0), statement);
  }

  public Ballot ballot() {
    return ballot;
  }

  public PublicKey signer() {
    return signer;
  }

  /** Names what it says, in whatever words. One hash, when it is first asked for. */
  Hash key() {
    Hash known = key;
    if (known == null) {
      known =
          Hash.sha256(
              new CborWriter()
                  .array(2)
                  .text(ballot.member())
                  .bytes(ballot.mark().encode())
                  .toByteArray());
      key = known;
    }
    return known;
  }

  /** The exact bytes of the statement. */
  public Bytes encoded() {
    return encoded;
  }

  @Override
  public String toString() {
    return "SignedBallot[" + ballot + "]";
  }
}
