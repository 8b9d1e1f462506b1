package org.probity.detector.log;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.SignatureRule;

/**
 * A C2SP signed note: a text that ends in a newline, an empty line, one or more signature lines.
 *
 * <pre>
 * This is an example message.
 *
 * — example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
 * </pre>
 *
 * <p>The text may contain empty lines, so the last one divides. The text means nothing before
 * {@link #verify}. Exact bytes are kept. Immutable; linear cost.
 */
public final class SignedNote {
  public static final int MAX_BYTES = 1 << 20;

  /** The format demands 16; witnesses may be many. */
  public static final int MAX_SIGNATURES = 100;

  /** Of which a signature line has fewer, as a rule. */
  private static final int COMMON_LINE_BYTES = 256;

  private final Bytes bytes;
  private final int textSize;
  private final String text;
  private final List<NoteSignature> signatures;

  private SignedNote(Bytes bytes, int textSize, String text, List<NoteSignature> signatures) {
    this.bytes = bytes;
    this.textSize = textSize;
    this.text = text;
    this.signatures = signatures;
  }

  /** A note from its parts; throws IllegalArgumentException if no parser would take it. */
  public static SignedNote of(String text, List<NoteSignature> signatures) {
    Bytes textBytes = Bytes.utf8(text);
    int textSize = textBytes.size();
    ByteArrayOutputStream note =
        new ByteArrayOutputStream(textSize + 1 + signatures.size() * COMMON_LINE_BYTES);
    note.writeBytes(textBytes.unsafeArray());
    note.write('\n');
    for (NoteSignature signature : signatures) {
      signature.writeTo(note);
      note.write('\n');
    }
    Bytes bytes = Bytes.wrap(note.toByteArray());
    try {
      requireText(bytes);
      requireSignatures(signatures.size());
      // Lines are what they have to be, so the last empty line is the one in front of them.
      if (!text.endsWith("\n") || !StrictText.utf8(bytes, 0, textSize).equals(text)) {
        throw new IllegalArgumentException("a text that no note can have");
      }
    } catch (DecodeException e) {
      throw new IllegalArgumentException("not a note: " + e.getMessage(), e);
    }
    return new SignedNote(bytes, textSize, text, List.copyOf(signatures));
  }

  private static void requireText(Bytes bytes) throws DecodeException {
    if (bytes.size() > MAX_BYTES) {
      throw new DecodeException("note_too_large", "a note of " + bytes.size() + " bytes");
    }
    for (byte b : bytes.unsafeArray()) {
      if (b >= 0 && b < 0x20 && b != '\n') {
        throw new DecodeException("note_control_character", "control character " + b);
      }
    }
  }

  private static void requireSignatures(int count) throws DecodeException {
    if (count == 0) {
      throw new DecodeException("note_without_signature", "no signature lines");
    }
    if (count > MAX_SIGNATURES) {
      throw new DecodeException("note_too_many_signatures", "more than " + MAX_SIGNATURES);
    }
  }

  /**
   * Codes: {@code note_too_large}, {@code bad_utf8}, {@code note_control_character}, {@code
   * note_without_signature}, {@code note_too_many_signatures}, {@code bad_signature_line}, {@code
   * bad_base64}.
   */
  public static SignedNote parse(Bytes bytes) throws DecodeException {
    requireText(bytes);
    int divide = lastEmptyLine(bytes);
    int size = bytes.size();
    if (divide < 0 || bytes.at(size - 1) != '\n' || divide + 2 == size) {
      throw new DecodeException("note_without_signature", "no signature lines");
    }
    List<NoteSignature> signatures = new ArrayList<>();
    int start = divide + 2;
    while (start < size) {
      requireSignatures(signatures.size() + 1);
      int end = start;
      while (bytes.at(end) != '\n') {
        end++;
      }
      signatures.add(NoteSignature.parse(bytes, start, end));
      start = end + 1;
    }
    int textSize = divide + 1;
    return new SignedNote(
        bytes, textSize, StrictText.utf8(bytes, 0, textSize), List.copyOf(signatures));
  }

  /** Where the last two newlines in a row are, or -1. */
  private static int lastEmptyLine(Bytes bytes) {
    for (int at = bytes.size() - 2; at >= 0; at--) {
      if (bytes.at(at) == '\n' && bytes.at(at + 1) == '\n') {
        return at;
      }
    }
    return -1;
  }

  /** The exact bytes. */
  public Bytes bytes() {
    return bytes;
  }

  /** What is signed, with its final newline. Unverified. */
  public String text() {
    return text;
  }

  /** What is signed, as bytes. Unverified. */
  public Bytes textBytes() {
    return bytes.slice(0, textSize);
  }

  /** All lines, in order, verified or not. */
  public List<NoteSignature> signatures() {
    return signatures;
  }

  /** This note with more signature lines at its end. */
  public SignedNote with(List<NoteSignature> more) {
    List<NoteSignature> all = new ArrayList<>(signatures);
    all.addAll(more);
    return of(text, all);
  }

  /**
   * Judges the note by the keys somebody trusts. A line whose name and key id belong to none of
   * them is ignored. A line that claims a known key must verify, or the whole note is rejected;
   * should two known keys share name and id, one of them must accept it. At least one line must
   * verify. Costs one signature verification per line that claims a known key.
   */
  public NoteVerdict verify(SignatureRule rule, Collection<NoteVerifierKey> known) {
    Bytes signedText = textBytes();
    List<NoteVerdict.VerifiedSignature> verified = new ArrayList<>();
    for (NoteSignature signature : signatures) {
      List<NoteVerifierKey> claimed = known.stream().filter(k -> k.isClaimedBy(signature)).toList();
      List<NoteVerdict.VerifiedSignature> accepted =
          claimed.stream()
              .filter(key -> key.accepts(rule, signedText, signature))
              .map(key -> new NoteVerdict.VerifiedSignature(key, signature))
              .toList();
      if (!claimed.isEmpty() && accepted.isEmpty()) {
        return new NoteVerdict.Rejected("bad_signature", signature.name());
      }
      verified.addAll(accepted);
    }
    return verified.isEmpty()
        ? new NoteVerdict.Rejected("no_known_signature", "")
        : new NoteVerdict.Verified(List.copyOf(verified));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SignedNote that && bytes.equals(that.bytes);
  }

  @Override
  public int hashCode() {
    return bytes.hashCode();
  }

  /** The note itself. */
  @Override
  public String toString() {
    return text + "\n" + String.join("\n", signatures.stream().map(NoteSignature::line).toList());
  }
}
