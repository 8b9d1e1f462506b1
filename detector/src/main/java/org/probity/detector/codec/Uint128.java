package org.probity.detector.codec;

import java.math.BigInteger;

/**
 * An unsigned 128-bit integer: an amount of money in minor units, or an identifier. Immutable, two
 * longs, no allocation but the result. On the wire 16 big-endian bytes, so that byte order is
 * numeric order.
 *
 * <p>Arithmetic is exact: it throws ArithmeticException rather than wrap, and {@link #addOverflows}
 * and {@link #compareTo} tell beforehand, because an overflow that a client's transaction causes is
 * a verdict and not a bug.
 */
public final class Uint128 implements Comparable<Uint128> {
  public static final int BYTES = 16;
  public static final Uint128 ZERO = new Uint128(0, 0);
  public static final Uint128 ONE = new Uint128(0, 1);
  public static final Uint128 MAX = new Uint128(-1, -1);

  /** The digits of {@link #MAX}. */
  private static final int MAX_DECIMAL_DIGITS = 39;

  private static final BigInteger TWO_64 = BigInteger.ONE.shiftLeft(64);

  private final long high;
  private final long low;

  private Uint128(long high, long low) {
    this.high = high;
    this.low = low;
  }

  /** From a non-negative long; throws IllegalArgumentException on a negative one. */
  public static Uint128 of(long value) {
    if (value < 0) {
      throw new IllegalArgumentException("an unsigned integer cannot be " + value);
    }
    return fromBits(0, value);
  }

  /** From the upper and the lower 64 bits, both taken as unsigned. */
  public static Uint128 fromBits(long high, long low) {
    if (high == 0 && low == 0) {
      return ZERO;
    }
    return new Uint128(high, low);
  }

  /** Throws IllegalArgumentException on a negative value or one of more than 128 bits. */
  public static Uint128 of(BigInteger value) {
    if (value.signum() < 0 || value.bitLength() > 128) {
      throw new IllegalArgumentException("not an unsigned 128-bit integer: " + value);
    }
    return fromBits(value.shiftRight(64).longValue(), value.longValue());
  }

  /** From 16 big-endian bytes at {@code offset}. */
  public static Uint128 fromBytes(byte[] source, int offset) {
    return fromBits(readLong(source, offset), readLong(source, offset + 8));
  }

  /** From exactly 16 big-endian bytes; throws IllegalArgumentException on another length. */
  public static Uint128 fromBytes(Bytes value) {
    if (value.size() != BYTES) {
      throw new IllegalArgumentException("16 bytes expected, not " + value.size());
    }
    return fromBytes(value.unsafeArray(), 0);
  }

  /**
   * Parses decimal digits: no sign, no space, no leading zero, ASCII only, so that a number has one
   * text. Throws NumberFormatException on anything else.
   */
  public static Uint128 parse(String decimal) {
    int digits = decimal.length();
    if (digits == 0 || digits > MAX_DECIMAL_DIGITS || (digits > 1 && decimal.charAt(0) == '0')) {
      throw new NumberFormatException("not an unsigned 128-bit decimal: " + clip(decimal));
    }
    for (int i = 0; i < digits; i++) {
      if (decimal.charAt(i) < '0' || decimal.charAt(i) > '9') {
        throw new NumberFormatException("not an unsigned 128-bit decimal: " + clip(decimal));
      }
    }
    if (digits <= 18) {
      return fromBits(0, Long.parseLong(decimal));
    }
    BigInteger value = new BigInteger(decimal);
    if (value.bitLength() > 128) {
      throw new NumberFormatException("more than 128 bits: " + decimal);
    }
    return of(value);
  }

  /** The upper 64 bits. */
  public long high() {
    return high;
  }

  /** The lower 64 bits. */
  public long low() {
    return low;
  }

  public boolean isZero() {
    return (high | low) == 0;
  }

  /** Whether the value is at most {@code Long.MAX_VALUE}. */
  public boolean fitsLong() {
    return high == 0 && low >= 0;
  }

  /** The value as a long; throws ArithmeticException unless {@link #fitsLong}. */
  public long longValueExact() {
    if (!fitsLong()) {
      throw new ArithmeticException("does not fit a long: " + this);
    }
    return low;
  }

  /** Whether {@code this + other} needs more than 128 bits. */
  public boolean addOverflows(Uint128 other) {
    long sumLow = low + other.low;
    long carry = Long.compareUnsigned(sumLow, low) < 0 ? 1 : 0;
    long sumHigh = high + other.high;
    // Two unsigned additions in a row; the second one can overflow only from all ones.
    return Long.compareUnsigned(sumHigh, high) < 0 || (carry == 1 && sumHigh == -1L);
  }

  /** {@code this + other}; throws ArithmeticException above {@link #MAX}. */
  public Uint128 addExact(Uint128 other) {
    if (addOverflows(other)) {
      throw new ArithmeticException("sum above 2^128 - 1: " + this + " + " + other);
    }
    long sumLow = low + other.low;
    long carry = Long.compareUnsigned(sumLow, low) < 0 ? 1 : 0;
    return fromBits(high + other.high + carry, sumLow);
  }

  /** {@code this - other}; throws ArithmeticException below zero. */
  public Uint128 subtractExact(Uint128 other) {
    if (compareTo(other) < 0) {
      throw new ArithmeticException("difference below zero: " + this + " - " + other);
    }
    long borrow = Long.compareUnsigned(low, other.low) < 0 ? 1 : 0;
    return fromBits(high - other.high - borrow, low - other.low);
  }

  public Uint128 min(Uint128 other) {
    return compareTo(other) <= 0 ? this : other;
  }

  public BigInteger toBigInteger() {
    return unsigned(high).shiftLeft(64).or(unsigned(low));
  }

  /** 16 big-endian bytes. */
  public Bytes toBytes() {
    byte[] bytes = new byte[BYTES];
    writeTo(bytes, 0);
    return Bytes.wrap(bytes);
  }

  /** Writes 16 big-endian bytes at {@code offset}. */
  public void writeTo(byte[] target, int offset) {
    writeLong(high, target, offset);
    writeLong(low, target, offset + 8);
  }

  @Override
  public int compareTo(Uint128 other) {
    int byHigh = Long.compareUnsigned(high, other.high);
    return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Uint128 that && high == that.high && low == that.low;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(high * 31 + low);
  }

  /** Decimal digits, the form {@link #parse} reads. */
  @Override
  public String toString() {
    return high == 0 ? Long.toUnsignedString(low) : toBigInteger().toString();
  }

  private static BigInteger unsigned(long value) {
    BigInteger signed = BigInteger.valueOf(value);
    return value < 0 ? signed.add(TWO_64) : signed;
  }

  private static long readLong(byte[] source, int offset) {
    long value = 0;
    for (int i = 0; i < 8; i++) {
      value = value << 8 | (source[offset + i] & 0xFF);
    }
    return value;
  }

  private static void writeLong(long value, byte[] target, int offset) {
    for (int i = 0; i < 8; i++) {
      target[offset + i] = (byte) (value >>> (56 - 8 * i));
    }
  }

  private static String clip(String text) {
    return text.length() <= 60 ? text : text.substring(0, 60) + "...";
  }
}
