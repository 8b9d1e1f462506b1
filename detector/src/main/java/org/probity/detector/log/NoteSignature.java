package org.probity.detector.log;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;

/**
 * One signature line of a note: {@code — <name> <base64(key id || signature)>}. Who may have made
 * it is a claim until a {@link NoteVerifierKey} accepts it.
 *
 * @param keyId four bytes, big-endian, as an int
 * @param signature what follows the key id, at least one byte
 */
public record NoteSignature(String name, int keyId, Bytes signature) {
  static final String PREFIX = "\u2014 ";

  private static final byte[] PREFIX_BYTES = PREFIX.getBytes(StandardCharsets.UTF_8);

  public NoteSignature {
    KeyName.require(name);
    if (signature.isEmpty()) {
      throw new IllegalArgumentException("an empty signature");
    }
  }

  /** Parses one line without its newline; code {@code bad_signature_line} or {@code bad_base64}. */
  public static NoteSignature parse(String line) throws DecodeException {
    if (!line.startsWith(PREFIX)) {
      throw notALine();
    }
    return parseRest(line.substring(PREFIX.length()));
  }

  /** Parses the line in {@code note} that begins and ends there. */
  static NoteSignature parse(Bytes note, int from, int to) throws DecodeException {
    int rest = from + PREFIX_BYTES.length;
    if (!Arrays.equals(
        note.unsafeArray(), from, Math.min(rest, to), PREFIX_BYTES, 0, PREFIX_BYTES.length)) {
      throw notALine();
    }
    // Without the dash all of a common line is ASCII, which Java handles several times faster.
    return parseRest(StrictText.utf8(note, rest, to));
  }

  private static NoteSignature parseRest(String line) throws DecodeException {
    int space = line.indexOf(' ');
    if (space < 0) {
      throw notALine();
    }
    String name = line.substring(0, space);
    Bytes blob = StrictText.fromBase64(line.substring(space + 1));
    if (blob.size() <= Integer.BYTES) {
      throw new DecodeException("bad_signature_line", "too few bytes");
    }
    int keyId = ByteBuffer.wrap(blob.unsafeArray()).getInt();
    try {
      return new NoteSignature(name, keyId, blob.slice(Integer.BYTES, blob.size()));
    } catch (IllegalArgumentException e) {
      throw new DecodeException("bad_signature_line", "a bad key name");
    }
  }

  private static DecodeException notALine() {
    return new DecodeException("bad_signature_line", "not a signature line");
  }

  /** The line without its newline: inverse of {@link #parse}. */
  public String line() {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    writeTo(line);
    return line.toString(StandardCharsets.UTF_8);
  }

  /** Appends the same as bytes. */
  void writeTo(ByteArrayOutputStream out) {
    byte[] blob =
        ByteBuffer.allocate(Integer.BYTES + signature.size())
            .putInt(keyId)
            .put(signature.unsafeArray())
            .array();
    out.writeBytes(PREFIX_BYTES);
    out.writeBytes(name.getBytes(StandardCharsets.UTF_8));
    out.write(' ');
    out.writeBytes(Base64.getEncoder().encode(blob));
  }
}
