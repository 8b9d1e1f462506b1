package org.probity.detector.codec;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * An immutable byte string with value equality and unsigned lexicographic order.
 *
 * <p>{@link #of} copies, {@link #wrap} does not: a caller that wraps gives the array away. Safe for
 * use by many threads.
 */
public final class Bytes implements Comparable<Bytes> {
  public static final Bytes EMPTY = new Bytes(new byte[0]);

  private final byte[] value;

  private Bytes(byte[] value) {
    this.value = value;
  }

  /** A copy of {@code value}. */
  public static Bytes of(byte... value) {
    return value.length == 0 ? EMPTY : new Bytes(value.clone());
  }

  /** Takes ownership of {@code value}; the caller must not touch the array again. */
  public static Bytes wrap(byte[] value) {
    return new Bytes(value);
  }

  public static Bytes utf8(String text) {
    return new Bytes(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Parses lower- or upper-case hex; throws IllegalArgumentException on anything else. */
  public static Bytes fromHex(String hex) {
    return new Bytes(HexFormat.of().parseHex(hex));
  }

  public int size() {
    return value.length;
  }

  public boolean isEmpty() {
    return value.length == 0;
  }

  public byte at(int index) {
    return value[index];
  }

  /** A fresh copy. */
  public byte[] toArray() {
    return value.clone();
  }

  /**
   * The array behind this value, without a copy, for hot paths that only read it. Writing to it
   * breaks every holder.
   */
  public byte[] unsafeArray() {
    return value;
  }

  public Bytes slice(int fromInclusive, int toExclusive) {
    return new Bytes(Arrays.copyOfRange(value, fromInclusive, toExclusive));
  }

  public boolean startsWith(Bytes prefix) {
    return prefix.value.length <= value.length
        && Arrays.equals(value, 0, prefix.value.length, prefix.value, 0, prefix.value.length);
  }

  public String toHex() {
    return HexFormat.of().formatHex(value);
  }

  @Override
  public int compareTo(Bytes other) {
    return Arrays.compareUnsigned(value, other.value);
  }

  @Override
  public boolean equals(Object other) {
    return this == other || (other instanceof Bytes that && Arrays.equals(value, that.value));
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(value);
  }

  /** Hex, for messages and logs. */
  @Override
  public String toString() {
    return toHex();
  }
}
