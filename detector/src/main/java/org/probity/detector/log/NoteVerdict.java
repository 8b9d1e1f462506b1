package org.probity.detector.log;

import java.util.List;
import java.util.Optional;

/** What the known keys say about a note. */
public sealed interface NoteVerdict {
  /** One line that verified, and the key it verified under. */
  record VerifiedSignature(NoteVerifierKey key, NoteSignature signature) {}

  /** Every line of a known key verified, and there is at least one; in the order of the note. */
  record Verified(List<VerifiedSignature> signatures) implements NoteVerdict {
    public boolean isBy(NoteVerifierKey key) {
      return signatures.stream().anyMatch(s -> s.key().equals(key));
    }
  }

  /**
   * The note counts for nothing.
   *
   * @param code {@code bad_signature} or {@code no_known_signature}; stable
   * @param name whose signature was bad, or empty
   */
  record Rejected(String code, String name) implements NoteVerdict {}

  default Optional<Verified> verified() {
    return this instanceof Verified verified ? Optional.of(verified) : Optional.empty();
  }
}
