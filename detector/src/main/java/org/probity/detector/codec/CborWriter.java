package org.probity.detector.codec;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes deterministic CBOR: every head in its shortest form, definite lengths only.
 *
 * <pre>{@code
 * Bytes encoded = new CborWriter().array(2).uint(7).text("seven").toBytes();
 * }</pre>
 *
 * <p>The caller announces an array's length and then writes as many items; {@link #toBytes} does
 * not check that it did (a reader will). A wrong argument is our bug and throws
 * IllegalArgumentException. Not thread-safe; amortised O(1) per byte, two copies per byte at most.
 */
public final class CborWriter {
  /** Bytes that a writer has room for at first, unless it is told how many. */
  public static final int DEFAULT_CAPACITY = 128;

  private byte[] buffer;
  private int size;

  public CborWriter() {
    this(DEFAULT_CAPACITY);
  }

  /** A writer that need not grow for the first {@code capacityBytes} bytes. */
  public CborWriter(int capacityBytes) {
    buffer = new byte[capacityBytes];
  }

  /** The head of an array; {@code count} items must follow. */
  public CborWriter array(int count) {
    return head(Cbor.ARRAY, requireNonNegative(count, "an array length"));
  }

  /** The head of a map; package-private because only the COSE protected header is one. */
  CborWriter map(int pairs) {
    return head(Cbor.MAP, requireNonNegative(pairs, "a map length"));
  }

  /** An unsigned integer from 0 to {@code Long.MAX_VALUE}. */
  public CborWriter uint(long value) {
    return head(Cbor.UNSIGNED, requireNonNegative(value, "an unsigned integer"));
  }

  /** An unsigned integer from 0 to 2^64 - 1, given as the 64 bits of a {@code long}. */
  public CborWriter unsignedLong(long bits) {
    return head(Cbor.UNSIGNED, bits);
  }

  /** Any {@code long}, as an unsigned or a negative integer. */
  public CborWriter integer(long value) {
    return value >= 0 ? head(Cbor.UNSIGNED, value) : head(Cbor.NEGATIVE, -1 - value);
  }

  /** The integer 1 for true and 0 for false. */
  public CborWriter flag(boolean value) {
    return head(Cbor.UNSIGNED, value ? 1 : 0);
  }

  public CborWriter bytes(Bytes value) {
    return bytes(value.unsafeArray());
  }

  public CborWriter bytes(byte[] value) {
    return bytes(value, 0, value.length);
  }

  public CborWriter bytes(byte[] source, int offset, int length) {
    head(Cbor.BYTE_STRING, length);
    return copy(source, offset, length);
  }

  /** An amount, as a byte string of exactly 16 big-endian bytes. */
  public CborWriter uint128(Uint128 value) {
    head(Cbor.BYTE_STRING, Uint128.BYTES);
    ensure(Uint128.BYTES);
    value.writeTo(buffer, size);
    size += Uint128.BYTES;
    return this;
  }

  /** A text string as UTF-8; throws IllegalArgumentException on a lone surrogate. */
  public CborWriter text(String value) {
    int length = value.length();
    int mark = size;
    head(Cbor.TEXT_STRING, length);
    ensure(length);
    for (int i = 0; i < length; i++) {
      char c = value.charAt(i);
      if (c >= 0x80) {
        size = mark;
        return nonAsciiText(value);
      }
      buffer[size++] = (byte) c;
    }
    return this;
  }

  /**
   * One item that is already deterministic CBOR, for example from {@link CborReader#rawItem}. The
   * bytes are not checked.
   */
  public CborWriter rawItem(Bytes encodedItem) {
    return copy(encodedItem.unsafeArray(), 0, encodedItem.size());
  }

  /** How many bytes have been written. */
  public int size() {
    return size;
  }

  /** A copy of what has been written; the writer may go on. */
  public Bytes toBytes() {
    return Bytes.wrap(toByteArray());
  }

  /** A copy of what has been written; the writer may go on. */
  public byte[] toByteArray() {
    return Arrays.copyOf(buffer, size);
  }

  /** Forgets what has been written and keeps the buffer. */
  public CborWriter reset() {
    size = 0;
    return this;
  }

  private CborWriter nonAsciiText(String value) {
    ByteBuffer utf8;
    try {
      // String.getBytes would silently write '?' for a lone surrogate.
      utf8 =
          StandardCharsets.UTF_8
              .newEncoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .onUnmappableCharacter(CodingErrorAction.REPORT)
              .encode(CharBuffer.wrap(value));
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("text with a lone surrogate has no UTF-8 form", e);
    }
    head(Cbor.TEXT_STRING, utf8.remaining());
    return copy(utf8.array(), utf8.arrayOffset() + utf8.position(), utf8.remaining());
  }

  /** The argument is unsigned: a negative one is 2^63 or more. */
  private CborWriter head(int major, long argument) {
    ensure(9);
    int type = major << 5;
    if (argument < 0) {
      buffer[size++] = (byte) (type | Cbor.EIGHT_BYTE_ARGUMENT);
      bigEndian(argument, 8);
    } else if (argument <= Cbor.LARGEST_IMMEDIATE) {
      buffer[size++] = (byte) (type | (int) argument);
    } else if (argument <= 0xFF) {
      buffer[size++] = (byte) (type | Cbor.ONE_BYTE_ARGUMENT);
      bigEndian(argument, 1);
    } else if (argument <= 0xFFFF) {
      buffer[size++] = (byte) (type | Cbor.TWO_BYTE_ARGUMENT);
      bigEndian(argument, 2);
    } else if (argument <= 0xFFFF_FFFFL) {
      buffer[size++] = (byte) (type | Cbor.FOUR_BYTE_ARGUMENT);
      bigEndian(argument, 4);
    } else {
      buffer[size++] = (byte) (type | Cbor.EIGHT_BYTE_ARGUMENT);
      bigEndian(argument, 8);
    }
    return this;
  }

  private void bigEndian(long value, int bytes) {
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
      buffer[size++] = (byte) (value >>> shift);
    }
  }

  private CborWriter copy(byte[] source, int offset, int length) {
    ensure(length);
    System.arraycopy(source, offset, buffer, size, length);
    size += length;
    return this;
  }

  private void ensure(int more) {
    int needed = Math.addExact(size, more);
    if (needed > buffer.length) {
      buffer = Arrays.copyOf(buffer, (int) Math.min(Integer.MAX_VALUE - 8L, 2L * needed));
    }
  }

  private static long requireNonNegative(long value, String what) {
    if (value < 0) {
      throw new IllegalArgumentException(what + " cannot be " + value);
    }
    return value;
  }
}
