package org.probity.node.http.peer;

import java.util.OptionalInt;

/** A peer did not do what was asked. Expected at times; has no stack. */
public final class PeerFailure extends Exception {
  private static final long serialVersionUID = 1L;

  /** What to make of it. */
  public enum Kind {
    /** Nobody's address is known, nobody listens there, or not the node expected. */
    UNREACHABLE,
    /** No answer, or no sign of life on a stream, in time. */
    TIMED_OUT,
    /** The peer has too much to do: 429 or 503. */
    BUSY,
    /** The peer said no: the code says why. */
    REFUSED,
    /** The peer's answer makes no sense or is too long. */
    NONSENSE,
    /** The peer ended the stream in good order. */
    ENDED
  }

  private final Kind kind;
  private final String code;
  private final int retryAfterSeconds;

  private PeerFailure(Kind kind, String code, String message, int retryAfterSeconds) {
    super(message, null, false, false);
    this.kind = kind;
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  public static PeerFailure of(Kind kind, String code, String message) {
    return new PeerFailure(kind, code, message, -1);
  }

  static PeerFailure busy(String code, String message, int retryAfterSeconds) {
    return new PeerFailure(Kind.BUSY, code, message, retryAfterSeconds);
  }

  public Kind kind() {
    return kind;
  }

  /** Stable, lower_snake; the peer's own code for {@link Kind#REFUSED}. */
  public String code() {
    return code;
  }

  /** When the peer wants to be asked again. */
  public OptionalInt retryAfterSeconds() {
    return retryAfterSeconds < 0 ? OptionalInt.empty() : OptionalInt.of(retryAfterSeconds);
  }
}
