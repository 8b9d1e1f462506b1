package org.probity.detector.log;

import java.util.List;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.PublicKey;
import org.probity.detector.crypto.Signer;

/**
 * The power to sign checkpoints as one log. {@link #guarding} is its only source; there is no other
 * way in this software to put a log key's signature on a checkpoint.
 *
 * <p>It remembers how far it has signed and refuses to go back or sideways, whatever its caller
 * believes, because a second text for one size is FORK evidence against its owner for ever. It
 * starts from the mark that was made durable last. The caller makes {@link Signed#mark} durable
 * together with the entries and lets nothing leave before; after a failed or unknown commit it must
 * stop. Re-signing the very same text is allowed and gives the same bytes, since Ed25519 is
 * deterministic. Single owner; costs one signature.
 */
public final class CheckpointSigner {
  private final Signer logKey;
  private final Origin origin;
  private final NoteVerifierKey verifierKey;
  private SigningMark mark;

  private CheckpointSigner(Signer logKey, Origin origin, SigningMark mark) {
    this.logKey = logKey;
    this.origin = origin;
    this.verifierKey = NoteVerifierKey.ofLog(origin.format(), logKey.publicKey());
    this.mark = mark;
  }

  /** What {@link #sign} returns. */
  public sealed interface Result {}

  /** A checkpoint, and the mark that has to be durable before the checkpoint leaves. */
  public record Signed(SignedCheckpoint checkpoint, SigningMark mark) implements Result {}

  /** No signature was made. */
  public record Refused(Reason reason, SigningMark mark) implements Result {}

  /** Why not. Each of them means that this process must stop signing: protocol §11. */
  public enum Reason {
    /** The log is empty: there is nothing to sign before GENESIS. */
    EMPTY_LOG,
    /** A larger size was signed before. */
    BELOW_MARK,
    /** Another text was signed for this very size. */
    OTHER_TEXT_AT_MARK
  }

  /**
   * The log's signer, guarded by the durable mark.
   *
   * @param logKey best {@link Signer#checked}, so that no faulty signature leaves
   */
  public static CheckpointSigner guarding(Signer logKey, Origin origin, SigningMark durableMark) {
    return new CheckpointSigner(logKey, origin, durableMark);
  }

  public Origin origin() {
    return origin;
  }

  public PublicKey publicKey() {
    return logKey.publicKey();
  }

  /** The key that others verify with. */
  public NoteVerifierKey verifierKey() {
    return verifierKey;
  }

  /** How far this signer has signed. */
  public SigningMark mark() {
    return mark;
  }

  public Result sign(TreeHead head) {
    if (head.size() == 0) {
      return new Refused(Reason.EMPTY_LOG, mark);
    }
    String text = new Checkpoint(verifierKey.name(), head).text();
    Bytes textBytes = Bytes.utf8(text);
    SigningMark next = SigningMark.of(head.size(), textBytes);
    // SPEC protocol.md §4.6: refuses a size at or below its mark unless the bytes are identical.
    if (head.size() < mark.size()) {
      return new Refused(Reason.BELOW_MARK, mark);
    }
    if (head.size() == mark.size() && !next.textHash().equals(mark.textHash())) {
      return new Refused(Reason.OTHER_TEXT_AT_MARK, mark);
    }
    // The mark moves before the key is used: should signing fail half-way, the size is spent.
    mark = next;
    NoteSignature line =
        new NoteSignature(verifierKey.name(), verifierKey.keyId(), logKey.sign(textBytes));
    return new Signed(
        SignedCheckpoint.made(SignedNote.of(text, List.of(line)), origin, head), next);
  }
}
