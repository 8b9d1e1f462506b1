package org.probity.ledger.transaction;

import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.codec.Uint128;

/**
 * What one operation moves: 0 to 2^64 - 1 minor units. On the wire an unsigned integer, {@code
 * 1a0003bdd0} for 245,200, so that more cannot be said. Zero can, and is refused as {@link
 * ResultCode#AMOUNT_ZERO}.
 *
 * <p>Balances and totals are sums of these over the life of a ledger and have 128 bits: no sum can
 * overflow within 2^64 operations, which no log holds. If one operation could move a balance's
 * whole range, whoever may owe without limit could fill up a payee, an asset or the channel to
 * another node for ever.
 */
public record Amount(long unsignedMinor) implements Comparable<Amount> {
  public static final Amount ZERO = new Amount(0);
  public static final Amount ONE = new Amount(1);
  public static final Amount MAX = new Amount(-1);

  /** From a non-negative long; throws IllegalArgumentException on a negative one. */
  public static Amount of(long minor) {
    if (minor < 0) {
      throw new IllegalArgumentException("an amount cannot be " + minor);
    }
    return new Amount(minor);
  }

  public boolean isZero() {
    return unsignedMinor == 0;
  }

  /** As a summand of a balance. */
  public Uint128 toUint128() {
    return Uint128.fromBits(0, unsignedMinor);
  }

  public void write(CborWriter out) {
    out.unsignedLong(unsignedMinor);
  }

  /** The number of bytes {@link #write} writes: 1 to 9. */
  int encodedBytes() {
    return new CborWriter(9).unsignedLong(unsignedMinor).size();
  }

  public static Amount read(CborReader in) throws DecodeException {
    return new Amount(in.unsignedLong());
  }

  @Override
  public int compareTo(Amount other) {
    return Long.compareUnsigned(unsignedMinor, other.unsignedMinor);
  }

  /** Decimal digits. */
  @Override
  public String toString() {
    return Long.toUnsignedString(unsignedMinor);
  }
}
