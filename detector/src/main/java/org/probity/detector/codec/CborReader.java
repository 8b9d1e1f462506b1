package org.probity.detector.codec;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads deterministic CBOR, item by item, as the caller expects it.
 *
 * <pre>{@code
 * CborReader in = new CborReader(encoded);
 * in.arrayHeader(2);
 * long number = in.uint();
 * String name = in.text(31);
 * in.end();
 * }</pre>
 *
 * <p>SPEC protocol.md §3.1: a decoder must reject what does not re-encode to the same bytes. Here
 * no other encoding can be read in the first place: heads must be shortest, lengths definite, text
 * valid UTF-8, types the expected ones; {@link #end} rejects trailing bytes and must be the last
 * call. Lengths are compared with the input that is left before anything is allocated, so a
 * decoder's memory is proportional to its input. The caller drives, so nothing recurses on hostile
 * input but {@link #rawItem} and {@link #skip}, which stop at {@link #MAX_DEPTH}.
 *
 * <p>Every failure is a {@link DecodeException} that names what was expected and the byte offset.
 * Codes: {@code cbor_truncated}, {@code cbor_trailing_bytes}, {@code cbor_unexpected_type}, {@code
 * cbor_not_shortest}, {@code cbor_forbidden} (floats, tags, simple values, indefinite lengths),
 * {@code cbor_out_of_range}, {@code cbor_wrong_length}, {@code cbor_bad_utf8}, {@code
 * cbor_too_deep}.
 *
 * <p>The input is not copied; byte strings handed out are. Not thread-safe.
 */
public final class CborReader {
  /** How deep arrays may nest inside an item that is skipped or taken raw. */
  public static final int MAX_DEPTH = 16;

  private final byte[] input;
  private int position;

  // The head read last.
  private int headOffset;
  private int headMajor;
  private long headArgument;

  public CborReader(Bytes input) {
    this(input.unsafeArray());
  }

  /** Reads {@code input} in place; the caller must not change it meanwhile. */
  public CborReader(byte[] input) {
    this.input = input;
  }

  /** The offset of the next byte. */
  public int position() {
    return position;
  }

  /** Whether the input is used up. */
  public boolean atEnd() {
    return position == input.length;
  }

  /** Rejects trailing bytes. */
  public void end() throws DecodeException {
    if (position != input.length) {
      throw failure(
          "cbor_trailing_bytes",
          "end of input",
          position,
          (input.length - position) + " more bytes");
    }
  }

  /** The number of items of the array that starts here; at most the number of bytes left. */
  public int arrayHeader() throws DecodeException {
    expect(Cbor.ARRAY, "array");
    return countWithinInput("array");
  }

  /** The head of an array of exactly {@code expectedCount} items. */
  public void arrayHeader(int expectedCount) throws DecodeException {
    expect(Cbor.ARRAY, "array");
    if (headArgument != expectedCount) {
      throw failure(
          "cbor_wrong_length", "array of " + expectedCount, headOffset, lengthFound("array"));
    }
    countWithinInput("array");
  }

  /** The number of items of the array that starts here, at most {@code maxCount}. */
  public int arrayHeaderUpTo(int maxCount) throws DecodeException {
    expect(Cbor.ARRAY, "array");
    if (headArgument < 0 || headArgument > maxCount) {
      throw failure(
          "cbor_wrong_length", "array of at most " + maxCount, headOffset, lengthFound("array"));
    }
    return countWithinInput("array");
  }

  /** The number of pairs of the map that starts here; only the COSE protected header is one. */
  void mapHeader(int expectedPairs) throws DecodeException {
    expect(Cbor.MAP, "map");
    if (headArgument != expectedPairs) {
      throw failure("cbor_wrong_length", "map of " + expectedPairs, headOffset, lengthFound("map"));
    }
    countWithinInput("map");
  }

  /**
   * An unsigned integer from 0 to {@code Long.MAX_VALUE}; larger ones, which CBOR has, are refused
   * because Java would see them as negative, see {@link #unsignedLong}.
   */
  public long uint() throws DecodeException {
    return uintMax(Long.MAX_VALUE);
  }

  /** An unsigned integer from 0 to {@code max}. */
  public long uintMax(long max) throws DecodeException {
    expect(Cbor.UNSIGNED, "unsigned integer");
    if (headArgument < 0 || headArgument > max) {
      throw failure(
          "cbor_out_of_range",
          "unsigned integer of at most " + max,
          headOffset,
          Long.toUnsignedString(headArgument));
    }
    return headArgument;
  }

  /** Any unsigned integer that CBOR has; 2^63 and more come as a negative {@code long}. */
  public long unsignedLong() throws DecodeException {
    expect(Cbor.UNSIGNED, "unsigned integer");
    return headArgument;
  }

  /** An unsigned integer from 0 to {@code max}, as an int. */
  public int uintMaxInt(int max) throws DecodeException {
    return (int) uintMax(max);
  }

  /** An unsigned or negative integer that fits a {@code long}. */
  public long integer() throws DecodeException {
    head("integer");
    if (headMajor != Cbor.UNSIGNED && headMajor != Cbor.NEGATIVE) {
      throw unexpectedType("integer");
    }
    if (headArgument < 0) {
      throw failure(
          "cbor_out_of_range", "integer of 64 bits", headOffset, "one that needs 65 bits");
    }
    return headMajor == Cbor.UNSIGNED ? headArgument : -1 - headArgument;
  }

  /** The integer 0 or 1. */
  public boolean flag() throws DecodeException {
    return uintMax(1) == 1;
  }

  /** A byte string of any length. */
  public Bytes bytes() throws DecodeException {
    return bytesUpTo(Integer.MAX_VALUE);
  }

  /** A byte string of exactly {@code exactLength} bytes. */
  public Bytes bytes(int exactLength) throws DecodeException {
    return Bytes.wrap(byteArray(exactLength));
  }

  /** A byte string of at most {@code maxLength} bytes. */
  public Bytes bytesUpTo(int maxLength) throws DecodeException {
    expect(Cbor.BYTE_STRING, "byte string");
    if (headArgument < 0 || headArgument > maxLength) {
      throw failure(
          "cbor_wrong_length",
          "byte string of at most " + maxLength,
          headOffset,
          lengthFound("byte string"));
    }
    return Bytes.wrap(take("byte string"));
  }

  /** A byte string of exactly {@code exactLength} bytes, as a fresh array. */
  public byte[] byteArray(int exactLength) throws DecodeException {
    expectBytes(exactLength);
    return take("byte string");
  }

  /** Goes past a byte string of exactly {@code exactLength} bytes. */
  public void skipBytes(int exactLength) throws DecodeException {
    expectBytes(exactLength);
    advance("byte string");
  }

  private void expectBytes(int exactLength) throws DecodeException {
    expect(Cbor.BYTE_STRING, "byte string");
    if (headArgument != exactLength) {
      throw failure(
          "cbor_wrong_length",
          "byte string of " + exactLength,
          headOffset,
          lengthFound("byte string"));
    }
  }

  /** An amount: a byte string of exactly 16 big-endian bytes. */
  public Uint128 uint128() throws DecodeException {
    expect(Cbor.BYTE_STRING, "amount");
    if (headArgument != Uint128.BYTES) {
      throw failure(
          "cbor_wrong_length",
          "amount (byte string of 16)",
          headOffset,
          lengthFound("byte string"));
    }
    int start = position;
    advance("amount");
    return Uint128.fromBytes(input, start);
  }

  /** A text string of at most {@code maxUtf8Bytes} bytes of valid UTF-8. */
  public String text(int maxUtf8Bytes) throws DecodeException {
    expect(Cbor.TEXT_STRING, "text string");
    if (headArgument < 0 || headArgument > maxUtf8Bytes) {
      throw failure(
          "cbor_wrong_length",
          "text string of at most " + maxUtf8Bytes + " bytes",
          headOffset,
          lengthFound("text string"));
    }
    int start = position;
    advance("text string");
    return decodeUtf8(start, position);
  }

  /** Whether the next item is an array; false at the end of the input. */
  public boolean nextIsArray() {
    return nextIs(Cbor.ARRAY);
  }

  /** Whether the next item is a byte string; false at the end of the input. */
  public boolean nextIsBytes() {
    return nextIs(Cbor.BYTE_STRING);
  }

  /** Whether the next item is a text string; false at the end of the input. */
  public boolean nextIsText() {
    return nextIs(Cbor.TEXT_STRING);
  }

  /** Whether the next item is an unsigned integer; false at the end of the input. */
  public boolean nextIsUint() {
    return nextIs(Cbor.UNSIGNED);
  }

  /** The exact bytes of the next item, whatever it is, validated like everything else. */
  public Bytes rawItem() throws DecodeException {
    int start = position;
    skip();
    return Bytes.wrap(Arrays.copyOfRange(input, start, position));
  }

  /** Validates the next item, whatever it is, and goes past it. */
  public void skip() throws DecodeException {
    skip(MAX_DEPTH);
  }

  private void skip(int depthLeft) throws DecodeException {
    head("item");
    switch (headMajor) {
      case Cbor.UNSIGNED, Cbor.NEGATIVE -> {
        // Any 64-bit argument is a valid item; nobody asked for its value.
      }
      case Cbor.BYTE_STRING -> advance("byte string");
      case Cbor.TEXT_STRING -> {
        int start = position;
        advance("text string");
        decodeUtf8(start, position);
      }
      case Cbor.ARRAY -> {
        if (depthLeft == 0) {
          throw failure(
              "cbor_too_deep",
              "at most " + MAX_DEPTH + " nested arrays",
              headOffset,
              "another array");
        }
        int count = countWithinInput("array");
        for (int i = 0; i < count; i++) {
          skip(depthLeft - 1);
        }
      }
      default -> throw failure("cbor_forbidden", "item", headOffset, "a map");
    }
  }

  private boolean nextIs(int major) {
    return position < input.length && (input[position] & 0xFF) >>> 5 == major;
  }

  private void expect(int major, String what) throws DecodeException {
    head(what);
    if (headMajor != major) {
      throw unexpectedType(what);
    }
  }

  /** Reads a head and checks that it is one of ours in its shortest form. */
  private void head(String expected) throws DecodeException {
    headOffset = position;
    if (position == input.length) {
      throw failure("cbor_truncated", expected, position, "end of input");
    }
    int first = input[position++] & 0xFF;
    headMajor = first >>> 5;
    int info = first & 0x1F;
    if (headMajor > Cbor.MAP) {
      throw failure(
          "cbor_forbidden",
          expected,
          headOffset,
          headMajor == 6 ? "a tag" : "a float or simple value");
    }
    if (info <= Cbor.LARGEST_IMMEDIATE) {
      headArgument = info;
      return;
    }
    if (info > Cbor.EIGHT_BYTE_ARGUMENT) {
      throw failure(
          "cbor_forbidden",
          expected,
          headOffset,
          info == 31 ? "an indefinite length" : "a reserved head");
    }
    int width = 1 << (info - Cbor.ONE_BYTE_ARGUMENT);
    if (input.length - position < width) {
      throw failure("cbor_truncated", expected, headOffset, "end of input inside a head");
    }
    long argument = 0;
    for (int i = 0; i < width; i++) {
      argument = argument << 8 | (input[position++] & 0xFF);
    }
    // The argument must not fit the next smaller form: 24 for one byte, else half the width.
    boolean shortest =
        width == 1 ? argument > Cbor.LARGEST_IMMEDIATE : argument >>> (4 * width) != 0;
    if (!shortest) {
      throw failure("cbor_not_shortest", expected, headOffset, "a head that is longer than needed");
    }
    headArgument = argument;
  }

  /** The argument of the head as a count of bytes, or of items of at least a byte, still there. */
  private int countWithinInput(String what) throws DecodeException {
    int left = input.length - position;
    if (headArgument < 0 || headArgument > left) {
      throw failure(
          "cbor_truncated", what, headOffset, lengthFound(what) + " with " + left + " bytes left");
    }
    return (int) headArgument;
  }

  private void advance(String what) throws DecodeException {
    position += countWithinInput(what);
  }

  private byte[] take(String what) throws DecodeException {
    int start = position;
    advance(what);
    return Arrays.copyOfRange(input, start, position);
  }

  private String decodeUtf8(int from, int to) throws DecodeException {
    for (int i = from; i < to; i++) {
      if (input[i] < 0) {
        return decodeNonAscii(from, to);
      }
    }
    return new String(input, from, to - from, StandardCharsets.ISO_8859_1);
  }

  private String decodeNonAscii(int from, int to) throws DecodeException {
    try {
      // Java's decoder rejects overlong forms and encoded surrogates, as RFC 3629 demands.
      return StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT)
          .decode(ByteBuffer.wrap(input, from, to - from))
          .toString();
    } catch (CharacterCodingException e) {
      throw failure("cbor_bad_utf8", "text string", headOffset, "bytes that are not UTF-8");
    }
  }

  private DecodeException unexpectedType(String expected) {
    return failure("cbor_unexpected_type", expected, headOffset, typeName(headMajor));
  }

  private String lengthFound(String what) {
    return what + " of " + Long.toUnsignedString(headArgument);
  }

  private static String typeName(int major) {
    return switch (major) {
      case Cbor.UNSIGNED -> "an unsigned integer";
      case Cbor.NEGATIVE -> "a negative integer";
      case Cbor.BYTE_STRING -> "a byte string";
      case Cbor.TEXT_STRING -> "a text string";
      case Cbor.ARRAY -> "an array";
      default -> "a map";
    };
  }

  private static DecodeException failure(String code, String expected, int offset, String found) {
    return new DecodeException(
        code, "expected " + expected + " at byte " + offset + ", found " + found);
  }
}
