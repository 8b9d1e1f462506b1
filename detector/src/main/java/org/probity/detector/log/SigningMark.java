package org.probity.detector.log;

import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.Hash;

/**
 * How far a log key has signed: the largest size and the SHA-256 of the checkpoint text signed for
 * it. Durable in two places before anything it covers leaves (protocol §4.6); a mark that is
 * missing is lost, never new.
 *
 * <pre>{@code mark = [size: uint, textHash: bstr .size 32]}</pre>
 */
public record SigningMark(long size, Hash textHash) {
  /** What {@code init} and {@code join} write: nothing was signed yet. */
  public static final SigningMark NOTHING_SIGNED = new SigningMark(0, Rfc6962.EMPTY_ROOT);

  public SigningMark {
    EntryFields.requireUint(size, "size");
  }

  /** The mark that this text moves to: the one place that says what a mark covers. */
  static SigningMark of(long size, Bytes text) {
    return new SigningMark(size, Hash.sha256(text.unsafeArray()));
  }

  /** What the mark of a log is when this is the last that was signed of it. */
  public static SigningMark of(Origin origin, TreeHead head) {
    return of(head.size(), new Checkpoint(origin.format(), head).textBytes());
  }

  /** As {@link #of(Origin, TreeHead)}, of what was signed. */
  public static SigningMark of(SignedCheckpoint checkpoint) {
    return of(checkpoint.origin(), checkpoint.head());
  }

  public static SigningMark decode(Bytes bytes) throws DecodeException {
    CborReader in = new CborReader(bytes);
    in.arrayHeader(2);
    SigningMark mark = new SigningMark(in.uint(), EntryFields.hash(in));
    in.end();
    return mark;
  }

  public Bytes encode() {
    return new CborWriter().array(2).uint(size).bytes(textHash.unsafeArray()).toBytes();
  }

  /**
   * The one of two stored copies that counts: the higher. Nothing if both name one size and two
   * texts, which no correct signer leaves behind: the mark is then lost.
   */
  public static Optional<SigningMark> reconcile(SigningMark one, SigningMark other) {
    if (one.size == other.size) {
      return one.equals(other) ? Optional.of(one) : Optional.empty();
    }
    return Optional.of(one.size > other.size ? one : other);
  }
}
