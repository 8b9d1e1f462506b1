package org.probity.ledger.program;

import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.codec.Uint128;

/**
 * The settlement account for one asset and one other node: {@code [pending, settled, returned, next
 * outgoing, received, refused, next incoming]}.
 *
 * <p>As an account: {@code pending} is its credits pending, {@code settled} its credits posted,
 * {@code received} its debits posted. {@code returned} and {@code refused} are memoranda that make
 * the sums of two nodes comparable at any moment. {@code pending + settled + returned} (all that
 * was ever sent) and {@code received + refused} (all that ever came) fit 128 bits.
 *
 * @param pending sent, not answered yet: the sum of the pending groups
 * @param settled sent and credited there
 * @param returned sent and given back
 * @param nextOutgoing how many credits were sent: the number of the next one
 * @param received came from there and was credited here
 * @param refused came from there and was sent back
 * @param nextIncoming how many credits came: the number the next one must have
 */
public record Settlement(
    Uint128 pending,
    Uint128 settled,
    Uint128 returned,
    long nextOutgoing,
    Uint128 received,
    Uint128 refused,
    long nextIncoming) {
  static final Settlement NONE =
      new Settlement(Uint128.ZERO, Uint128.ZERO, Uint128.ZERO, 0, Uint128.ZERO, Uint128.ZERO, 0);

  boolean canSend(Uint128 amount) {
    return !pending.addExact(settled).addExact(returned).addOverflows(amount)
        && nextOutgoing < Long.MAX_VALUE;
  }

  boolean canReceive(Uint128 amount) {
    return !received.addExact(refused).addOverflows(amount) && nextIncoming < Long.MAX_VALUE;
  }

  Settlement send(Uint128 amount) {
    return new Settlement(
        pending.addExact(amount),
        settled,
        returned,
        nextOutgoing + 1,
        received,
        refused,
        nextIncoming);
  }

  Settlement settle(Uint128 amount) {
    return new Settlement(
        pending.subtractExact(amount),
        settled.addExact(amount),
        returned,
        nextOutgoing,
        received,
        refused,
        nextIncoming);
  }

  Settlement bookReturn(Uint128 amount) {
    return new Settlement(
        pending.subtractExact(amount),
        settled,
        returned.addExact(amount),
        nextOutgoing,
        received,
        refused,
        nextIncoming);
  }

  Settlement receive(Uint128 amount) {
    return new Settlement(
        pending,
        settled,
        returned,
        nextOutgoing,
        received.addExact(amount),
        refused,
        nextIncoming + 1);
  }

  Settlement refuse(Uint128 amount) {
    return new Settlement(
        pending,
        settled,
        returned,
        nextOutgoing,
        received,
        refused.addExact(amount),
        nextIncoming + 1);
  }

  public Bytes encode() {
    return new CborWriter(128)
        .array(7)
        .uint128(pending)
        .uint128(settled)
        .uint128(returned)
        .uint(nextOutgoing)
        .uint128(received)
        .uint128(refused)
        .uint(nextIncoming)
        .toBytes();
  }

  public static Settlement decode(Bytes encoded) throws DecodeException {
    CborReader in = new CborReader(encoded);
    in.arrayHeader(7);
    Settlement decoded =
        new Settlement(
            in.uint128(),
            in.uint128(),
            in.uint128(),
            in.uint(),
            in.uint128(),
            in.uint128(),
            in.uint());
    in.end();
    return decoded;
  }
}
