package org.probity.node.store;

/**
 * The disk, or what it holds, is not what it must be. Never caused by a peer's bytes.
 *
 * <p>{@link #code} is stable and meant for machines; the message names the path and the remedy.
 */
public final class StoreException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What went wrong; {@link #text} is stable. */
  public enum Code {
    /** Used after close: a late reader during shutdown. */
    CLOSED("store_closed"),
    /** Another process owns the data directory. */
    LOCKED("store_locked"),
    /** The map or the disk is full: nothing was written, reads go on, commits are refused. */
    FULL("store_full"),
    /** A commit failed or its fate is unknown: commits are refused until recovery. */
    LATCHED("store_latched"),
    /** What was read is not what was written: a flipped bit, a lost page. */
    CORRUPT("store_corrupt"),
    /** The file is shorter than what it names: half a copy. */
    TRUNCATED("store_truncated"),
    /** Asked for what the log does not hold (yet). */
    ABSENT("store_absent"),
    /** Asked for entries below the retention floor. */
    PRUNED("store_pruned"),
    /** The signing mark is missing or unreadable: lost, never new (protocol.md §11.1). */
    MARK_LOST("mark_lost"),
    /** Written by another version, for another log, or not a store at all. */
    FORMAT("store_format"),
    /** The operating system refused. */
    IO("store_io");

    private final String text;

    Code(String text) {
      this.text = text;
    }

    public String text() {
      return text;
    }
  }

  private final Code code;

  public StoreException(Code code, String message) {
    super(message);
    this.code = code;
  }

  public StoreException(Code code, String message, Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  public Code code() {
    return code;
  }
}
