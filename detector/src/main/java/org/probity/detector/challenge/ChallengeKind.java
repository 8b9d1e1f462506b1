package org.probity.detector.challenge;

import java.util.Locale;
import org.probity.detector.codec.DecodeException;

/** What a target is asked for (protocol.md §7.1). Numbers are part of the format. */
public enum ChallengeKind {
  /** To acknowledge messages. */
  MESSAGE(0),
  /** To produce entries of its log. */
  AUDIT(1),
  /** To link two checkpoints of its log. */
  CONSISTENCY(2),
  /** To log a client's transaction. */
  CLIENT(3),
  /** To log a decision of the members. */
  DECISION(4);

  private final int code;
  private final String label = name().toLowerCase(Locale.ROOT);

  ChallengeKind(int code) {
    this.code = code;
  }

  public int code() {
    return code;
  }

  /** Lower case, for files and people. */
  public String label() {
    return label;
  }

  /** Inverse of {@link #code}; code {@code unknown_kind}. */
  static ChallengeKind of(long code) throws DecodeException {
    for (ChallengeKind kind : values()) {
      if (kind.code == code) {
        return kind;
      }
    }
    throw new DecodeException("unknown_kind", "no kind of challenge has number " + code);
  }
}
