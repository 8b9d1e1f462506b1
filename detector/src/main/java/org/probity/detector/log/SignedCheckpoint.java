package org.probity.detector.log;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.codec.Memo;
import org.probity.detector.crypto.PublicKey;
import org.probity.detector.crypto.SignatureRule;

/**
 * A checkpoint of one of our logs as it stands in envelopes, entries and evidence: its text plus
 * exactly one signature, the log's (protocol §4.5). PeerReview's authenticator.
 *
 * <p>One form only: the origin is ours, the key has the origin's name, the signature has 64 bytes,
 * the log has at least its GENESIS. So two different byte strings are two different statements or
 * two signatures, never two spellings. Whether the signature is valid is asked with {@link
 * #isSignedBy}. Immutable, exact bytes kept.
 */
public final class SignedCheckpoint {
  /** Text, empty line and signature line at their longest. */
  public static final int MAX_BYTES = 2 * Origin.MAX_BYTES + 165;

  /**
   * Those parsed last, at most some 4 MiB. A checkpoint is parsed where it arrives, where what
   * embeds it is logged, passed on and replayed, and that of one log comes with many messages.
   */
  private static final Memo<SignedCheckpoint> PARSED = new Memo<>(1 << 12, SignedCheckpoint::bytes);

  private final SignedNote note;
  private final Origin origin;
  private final TreeHead head;

  /** By which key and rule it was found signed last; threads may race to the same. */
  private volatile @Nullable Signed signed;

  private record Signed(SignatureRule rule, PublicKey logKey) {}

  private SignedCheckpoint(SignedNote note, Origin origin, TreeHead head) {
    this.note = note;
    this.origin = origin;
    this.head = head;
  }

  /**
   * For {@link CheckpointSigner}, which makes none but strict ones. It is remembered: what a node
   * has signed comes back to it in answers and in the logs of others.
   */
  static SignedCheckpoint made(SignedNote note, Origin origin, TreeHead head) {
    SignedCheckpoint made = new SignedCheckpoint(note, origin, head);
    PARSED.keep(made);
    return made;
  }

  /**
   * Codes: {@code checkpoint_too_large}, {@code checkpoint_not_strict}, {@code
   * checkpoint_empty_log}, those of {@link SignedNote#parse}, {@link Checkpoint#parse} and {@link
   * Origin#parse}.
   */
  public static SignedCheckpoint parse(Bytes bytes) throws DecodeException {
    if (bytes.size() > MAX_BYTES) {
      throw new DecodeException(
          "checkpoint_too_large", "a checkpoint of " + bytes.size() + " bytes");
    }
    SignedCheckpoint known = PARSED.find(bytes);
    if (known != null) {
      return known;
    }
    SignedCheckpoint parsed = of(SignedNote.parse(bytes));
    PARSED.keep(parsed);
    return parsed;
  }

  /** As {@link #parse}, from a note. */
  public static SignedCheckpoint of(SignedNote note) throws DecodeException {
    Checkpoint checkpoint = Checkpoint.parse(note.text());
    Origin origin = Origin.parse(checkpoint.origin());
    // SPEC protocol.md §4.5: exactly one signature, the log's; anything else is refused.
    List<NoteSignature> signatures = note.signatures();
    boolean isStrict =
        signatures.size() == 1
            && signatures.get(0).name().equals(checkpoint.origin())
            && signatures.get(0).signature().size() == SignatureRule.SIGNATURE_BYTES;
    if (!isStrict) {
      throw new DecodeException("checkpoint_not_strict", "not exactly the log's own signature");
    }
    // SPEC protocol.md §4.3: a checkpoint ends on STATE or GENESIS, so no log signs size 0.
    if (checkpoint.size() == 0) {
      throw new DecodeException("checkpoint_empty_log", "a signed checkpoint of an empty log");
    }
    return new SignedCheckpoint(note, origin, checkpoint.head());
  }

  /**
   * The strict form out of a note with more signatures, such as a published checkpoint with
   * cosignatures: its text and the line of {@code logKey}. Code {@code checkpoint_not_strict} if
   * there is none; nothing is verified.
   */
  public static SignedCheckpoint extract(SignedNote note, PublicKey logKey) throws DecodeException {
    Checkpoint checkpoint = Checkpoint.parse(note.text());
    NoteVerifierKey key = NoteVerifierKey.ofLog(checkpoint.origin(), logKey);
    NoteSignature line =
        note.signatures().stream()
            .filter(key::isClaimedBy)
            .findFirst()
            .orElseThrow(
                () -> new DecodeException("checkpoint_not_strict", "no signature of the log"));
    return of(SignedNote.of(note.text(), List.of(line)));
  }

  public Origin origin() {
    return origin;
  }

  public TreeHead head() {
    return head;
  }

  public long size() {
    return head.size();
  }

  /** The exact bytes. */
  public Bytes bytes() {
    return note.bytes();
  }

  /** The same as a note, to add cosignatures to. */
  public SignedNote note() {
    return note;
  }

  /** What is signed. */
  public Bytes textBytes() {
    return note.textBytes();
  }

  /** Key id of the signature line: which of a log's keys claims to have signed. */
  public int keyId() {
    return note.signatures().get(0).keyId();
  }

  /**
   * Whether this log key made the signature. One verification, none if the key id differs or the
   * same was asked before and it did.
   */
  public boolean isSignedBy(SignatureRule rule, PublicKey logKey) {
    Signed known = signed;
    if (known != null && known.rule() == rule && known.logKey().equals(logKey)) {
      return true;
    }
    NoteSignature line = note.signatures().get(0);
    // The line bears the origin's name: its form demands it.
    boolean isSigned =
        line.keyId() == NoteVerifierKey.keyId(line.name(), NoteKeyType.ED25519, logKey)
            && rule.accepts(logKey, textBytes(), line.signature());
    if (isSigned) {
      signed = new Signed(rule, logKey);
    }
    return isSigned;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SignedCheckpoint that && note.equals(that.note);
  }

  @Override
  public int hashCode() {
    return note.hashCode();
  }

  @Override
  public String toString() {
    return origin + " " + head;
  }
}
