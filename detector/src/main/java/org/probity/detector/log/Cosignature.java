package org.probity.detector.log;

import java.nio.ByteBuffer;
import java.util.Optional;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.PublicKey;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.crypto.Signer;

/**
 * A witness's cosignature on a checkpoint (C2SP tlog-cosignature, {@code cosignature/v1}): this is
 * the largest consistent head that I had seen of this log at this time.
 *
 * <p>After the key id the signature line holds {@code u64 big-endian POSIX seconds || Ed25519
 * signature}; signed is
 *
 * <pre>
 * cosignature/v1
 * time 1679315147
 * &lt;the checkpoint's text&gt;
 * </pre>
 *
 * <p>It says <em>witnessed</em> and nothing else. The time is the witness's own and no verdict may
 * depend on it.
 */
public record Cosignature(long timeSeconds, Bytes signature) {
  private static final int BYTES = Long.BYTES + SignatureRule.SIGNATURE_BYTES;

  public Cosignature {
    if (timeSeconds < 0 || signature.size() != SignatureRule.SIGNATURE_BYTES) {
      throw new IllegalArgumentException("a time before 1970 or no Ed25519 signature");
    }
  }

  /** What a signature line holds if its key is a cosigner's; nothing if it cannot be one. */
  public static Optional<Cosignature> of(NoteSignature line) {
    Bytes blob = line.signature();
    if (blob.size() != BYTES) {
      return Optional.empty();
    }
    long timeSeconds = ByteBuffer.wrap(blob.unsafeArray()).getLong();
    return timeSeconds < 0
        ? Optional.empty()
        : Optional.of(new Cosignature(timeSeconds, blob.slice(Long.BYTES, BYTES)));
  }

  /**
   * Cosigns. Whoever holds the signer must have checked consistency and made its view durable.
   *
   * @param checkpointText the text of the checkpoint's note, with its final newline
   */
  public static NoteSignature sign(
      Signer cosigner, String name, Bytes checkpointText, long timeSeconds) {
    NoteVerifierKey key = NoteVerifierKey.ofCosigner(name, cosigner.publicKey());
    Bytes signature = cosigner.sign(message(checkpointText, timeSeconds));
    byte[] blob =
        ByteBuffer.allocate(BYTES).putLong(timeSeconds).put(signature.unsafeArray()).array();
    return new NoteSignature(name, key.keyId(), Bytes.wrap(blob));
  }

  boolean isValid(SignatureRule rule, PublicKey cosigner, Bytes checkpointText) {
    return rule.accepts(cosigner, message(checkpointText, timeSeconds), signature);
  }

  private static Bytes message(Bytes checkpointText, long timeSeconds) {
    if (timeSeconds < 0) {
      throw new IllegalArgumentException("a time before 1970");
    }
    byte[] head = Bytes.utf8("cosignature/v1\ntime " + timeSeconds + "\n").unsafeArray();
    return Bytes.wrap(
        ByteBuffer.allocate(head.length + checkpointText.size())
            .put(head)
            .put(checkpointText.unsafeArray())
            .array());
  }
}
