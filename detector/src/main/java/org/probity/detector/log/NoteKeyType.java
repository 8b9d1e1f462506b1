package org.probity.detector.log;

import java.util.Optional;

/** The signature types of C2SP signed-note that we use; the code is the first byte of a key. */
public enum NoteKeyType {
  /** Ed25519 over the note's text: log keys. */
  ED25519(0x01),
  /** Ed25519 over a time and the note's text, see {@link Cosignature}: witness keys. */
  COSIGNATURE(0x04);

  private final int code;

  NoteKeyType(int code) {
    this.code = code;
  }

  public int code() {
    return code;
  }

  static Optional<NoteKeyType> ofCode(int code) {
    for (NoteKeyType type : values()) {
      if (type.code == code) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }
}
