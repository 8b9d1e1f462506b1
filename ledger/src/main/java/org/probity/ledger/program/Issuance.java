package org.probity.ledger.program;

import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.codec.Uint128;

/**
 * The issuance account of an asset on one node: {@code [debits posted, credits posted]}.
 *
 * @param issued debits: all that was ever issued here
 * @param redeemed credits: all that came back
 */
public record Issuance(Uint128 issued, Uint128 redeemed) {
  static final Issuance NONE = new Issuance(Uint128.ZERO, Uint128.ZERO);

  Issuance issue(Uint128 amount) {
    return new Issuance(issued.addExact(amount), redeemed);
  }

  Issuance redeem(Uint128 amount) {
    return new Issuance(issued, redeemed.addExact(amount));
  }

  public Bytes encode() {
    return new CborWriter().array(2).uint128(issued).uint128(redeemed).toBytes();
  }

  public static Issuance decode(Bytes encoded) throws DecodeException {
    CborReader in = new CborReader(encoded);
    in.arrayHeader(2);
    Issuance decoded = new Issuance(in.uint128(), in.uint128());
    in.end();
    return decoded;
  }
}
