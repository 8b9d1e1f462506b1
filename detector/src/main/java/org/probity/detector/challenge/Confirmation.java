package org.probity.detector.challenge;

import java.util.List;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;
import org.probity.detector.log.SignedNote;

/**
 * A witness's word that it has what an audit challenge asks for, decoded and not judged:
 *
 * <pre>{@code [cosigned: bstr, consistency: [* bstr .size 32]]}</pre>
 *
 * <p>There is no statement of its own for that. Whoever cosigns a checkpoint of a ward promises
 * that the entries up to it are durable in its copy (protocol.md §6.6), so a cosigned checkpoint
 * and the link from the challenged one to it say all.
 *
 * @param cosigned a checkpoint of the target's log with cosignatures, and with whatever else
 * @param consistency from the challenge's checkpoint to this one; empty if they are of one size
 */
public record Confirmation(SignedNote cosigned, List<Hash> consistency) {
  /** Of the note: a checkpoint with more than a dozen cosignatures fits. */
  public static final int MAX_NOTE_BYTES = 4096;

  /** Elements of the array. */
  public static final int PARTS = 2;

  public Confirmation {
    consistency = List.copyOf(consistency);
  }

  /** Appends its two elements, without the array's header. */
  public void writePartsTo(CborWriter out) {
    out.bytes(cosigned.bytes());
    Parts.writeHashes(out, consistency);
  }

  public Bytes encode() {
    CborWriter out = new CborWriter().array(PARTS);
    writePartsTo(out);
    return out.toBytes();
  }

  /** Inverse of {@link #writePartsTo}. Codes: those of {@link CborReader} and of notes. */
  public static Confirmation readParts(CborReader in) throws DecodeException {
    return new Confirmation(SignedNote.parse(in.bytesUpTo(MAX_NOTE_BYTES)), Parts.readHashes(in));
  }
}
