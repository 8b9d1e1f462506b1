package org.probity.detector.log;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;

/**
 * The text forms of numbers, hashes and bytes in C2SP formats, each with one spelling only: what is
 * read here is written back identically. Java's own parsers are lax about all of them.
 *
 * <p>Codes: {@code bad_utf8}, {@code bad_base64}, {@code bad_number}.
 */
final class StrictText {
  private static final char REPLACEMENT = '\uFFFD';

  private StrictText() {}

  /** UTF-8 without malformed, overlong or surrogate sequences. */
  static String utf8(Bytes bytes) throws DecodeException {
    return utf8(bytes, 0, bytes.size());
  }

  /** As {@link #utf8(Bytes)}, of a part. */
  static String utf8(Bytes bytes, int from, int to) throws DecodeException {
    byte[] array = bytes.unsafeArray();
    String text = new String(array, from, to - from, StandardCharsets.UTF_8);
    // Java writes U+FFFD for what is malformed, which has other bytes.
    if (text.length() != to - from || text.indexOf(REPLACEMENT) >= 0) {
      byte[] again = text.getBytes(StandardCharsets.UTF_8);
      if (!Arrays.equals(again, 0, again.length, array, from, to)) {
        throw new DecodeException("bad_utf8", "not UTF-8");
      }
    }
    return text;
  }

  static String base64(Bytes bytes) {
    return Base64.getEncoder().encodeToString(bytes.unsafeArray());
  }

  static String base64(Hash hash) {
    return base64(hash.toBytes());
  }

  /** Standard padded base64, not empty. */
  static Bytes fromBase64(String text) throws DecodeException {
    byte[] decoded;
    try {
      decoded = Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw new DecodeException("bad_base64", "not base64");
    }
    // SPEC protocol.md §3.2: Java's decoder takes missing padding and non-zero spare bits. Both are
    // in the last four characters, which stand for the one to three bytes after whole threes.
    int whole = (decoded.length - 1) / 3 * 3;
    if (decoded.length == 0
        || !text.endsWith(lastGroup(decoded, whole))
        || text.length() % 4 != 0) {
      throw new DecodeException("bad_base64", "not the one base64 form of anything");
    }
    return Bytes.wrap(decoded);
  }

  private static String lastGroup(byte[] bytes, int from) {
    return Base64.getEncoder().encodeToString(Arrays.copyOfRange(bytes, from, bytes.length));
  }

  static Hash hashFromBase64(String text) throws DecodeException {
    Bytes bytes = fromBase64(text);
    if (bytes.size() != Hash.BYTES) {
      throw new DecodeException("bad_base64", "a hash has 32 bytes, not " + bytes.size());
    }
    return Hash.of(bytes);
  }

  /** ASCII decimal from 0 to {@code Long.MAX_VALUE}, without sign or leading zeros. */
  static long decimal(String text) throws DecodeException {
    boolean plausible = !text.isEmpty() && text.length() <= 19;
    for (int i = 0; plausible && i < text.length(); i++) {
      plausible = text.charAt(i) >= '0' && text.charAt(i) <= '9';
    }
    if (!plausible || (text.charAt(0) == '0' && text.length() > 1)) {
      throw new DecodeException("bad_number", "not a decimal number");
    }
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new DecodeException("bad_number", "a number beyond 2^63 - 1");
    }
  }
}
