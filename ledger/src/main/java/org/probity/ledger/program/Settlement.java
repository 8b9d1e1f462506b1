package org.probity.ledger.program;

import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.codec.Uint128;

/**
 * The settlement account for one asset and one other node: {@code [pending, settled, returned, next
 * outgoing, next taken, received, refused, next incoming]}.
 *
 * <p>As an account: {@code pending} is its credits pending, {@code settled} its credits posted,
 * {@code received} its debits posted. {@code returned} and {@code refused} are memoranda that make
 * the sums of two nodes comparable at any moment. {@code pending + settled + returned} (all that
 * was ever sent and not undone) and {@code received + refused} (all that ever came) fit 128 bits.
 *
 * <p>Credits in an asset that the other node does not know leave no trace there, so here they are
 * undone: as if they had never been sent, but for their numbers, which are not given out again.
 *
 * @param pending sent, not answered yet: the sum of the pending groups
 * @param settled sent and credited there
 * @param returned sent and given back
 * @param nextOutgoing the number of the next credit to be sent
 * @param nextTaken the number after the last credit that the other node says it took in, credited
 *     or refused; what {@code nextIncoming} must at least be there
 * @param received came from there and was credited here
 * @param refused came from there and was sent back
 * @param nextIncoming the number the next credit from there must have; 0 until one is taken in, and
 *     the first may have any
 */
public record Settlement(
    Uint128 pending,
    Uint128 settled,
    Uint128 returned,
    long nextOutgoing,
    long nextTaken,
    Uint128 received,
    Uint128 refused,
    long nextIncoming) {
  public static final Settlement NONE =
      new Settlement(Uint128.ZERO, Uint128.ZERO, Uint128.ZERO, 0, 0, Uint128.ZERO, Uint128.ZERO, 0);

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
        nextTaken,
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
        nextTaken,
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
        nextTaken,
        received,
        refused,
        nextIncoming);
  }

  /** The other node does not know the asset and took nothing in. */
  Settlement undo(Uint128 amount) {
    return new Settlement(
        pending.subtractExact(amount),
        settled,
        returned,
        nextOutgoing,
        nextTaken,
        received,
        refused,
        nextIncoming);
  }

  /** The other node took in the credits before number {@code next}. */
  Settlement takenUpTo(long next) {
    return new Settlement(
        pending,
        settled,
        returned,
        nextOutgoing,
        Math.max(nextTaken, next),
        received,
        refused,
        nextIncoming);
  }

  /**
   * Whether a group of credits may begin with number {@code first}. The channel delivers everything
   * once and in order, so a correct node never sends another; what a faulty one repeats or leaves
   * out is seen here and by whoever compares two states. Before the first credit that is taken in,
   * there may have been any number in an asset that was not known.
   */
  boolean continuesWith(long first) {
    return nextIncoming == 0 || nextIncoming == first;
  }

  /** The same with {@code first} as the number of the next credit. */
  Settlement startingAt(long first) {
    return new Settlement(
        pending, settled, returned, nextOutgoing, nextTaken, received, refused, first);
  }

  Settlement receive(Uint128 amount) {
    return new Settlement(
        pending,
        settled,
        returned,
        nextOutgoing,
        nextTaken,
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
        nextTaken,
        received,
        refused.addExact(amount),
        nextIncoming + 1);
  }

  public Bytes encode() {
    return new CborWriter(128)
        .array(8)
        .uint128(pending)
        .uint128(settled)
        .uint128(returned)
        .uint(nextOutgoing)
        .uint(nextTaken)
        .uint128(received)
        .uint128(refused)
        .uint(nextIncoming)
        .toBytes();
  }

  public static Settlement decode(Bytes encoded) throws DecodeException {
    CborReader in = new CborReader(encoded);
    in.arrayHeader(8);
    Settlement decoded =
        new Settlement(
            in.uint128(),
            in.uint128(),
            in.uint128(),
            in.uint(),
            in.uint(),
            in.uint128(),
            in.uint128(),
            in.uint());
    in.end();
    return decoded;
  }
}
