package org.probity.detector.governance;

import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.Statement;

/**
 * An action put to the vote in one epoch: the payload of a statement of typ {@link #TYP} by a
 * member or a node. Says nothing of its proposer, so that what many propose is one proposal
 * (protocol.md §13.2).
 *
 * @param epoch how many decisions were taken before
 */
public record Proposal(long epoch, Action action) {
  public static final String TYP = "probity/proposal";

  private static final int VERSION = 1;

  public Bytes encode() {
    return new CborWriter(256)
        .array(3)
        .uint(VERSION)
        .uint(epoch)
        .rawItem(action.encode())
        .toBytes();
  }

  /** Inverse of {@link #encode}. Codes: {@code unknown_version} and those of the action. */
  public static Proposal decode(Bytes payload) throws DecodeException {
    CborReader in = new CborReader(payload);
    in.arrayHeader(3);
    if (in.uint() != VERSION) {
      throw new DecodeException("unknown_version", "the version of a proposal must be " + VERSION);
    }
    Proposal proposal = new Proposal(in.uint(), Action.decode(in.rawItem()));
    in.end();
    return proposal;
  }

  /** What ballots name: the id of the statement, whoever signed it. */
  public Hash id(Hash networkId) {
    return Statement.id(networkId, TYP, encode());
  }

  /** Signs it as its proposer. */
  public Statement sign(Hash networkId, Signer proposer) {
    return Statement.sign(networkId, TYP, encode(), proposer);
  }
}
