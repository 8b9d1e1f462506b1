package org.probity.node.runtime;

import org.probity.detector.codec.DecodeException;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.node.http.PublishedLog;
import org.probity.node.store.StoredLog;

/**
 * Under which checkpoint a peer gets the part of the own log that it lacks. It can check a range
 * only when it has all of it, so whoever is far behind gets it in pieces, each under a checkpoint
 * of its own: a log of any size can be followed in bounded memory. The checkpoints of all commits
 * are kept, so there is always one. Thread-safe.
 */
final class LogRanges {
  /** A piece has no more, up to the end of the commit that reaches as many. */
  static final long MAX_ENTRIES = 4096;

  /** The same for its bytes. A commit has 8 MiB at most, unless it is a single batch. */
  static final long MAX_BYTES = 1 << 20;

  private final StoredLog log;
  private final long maxEntries;
  private final long maxBytes;

  LogRanges(StoredLog log) {
    this(log, MAX_ENTRIES, MAX_BYTES);
  }

  LogRanges(StoredLog log, long maxEntries, long maxBytes) {
    this.log = log;
    this.maxEntries = maxEntries;
    this.maxBytes = maxBytes;
  }

  /**
   * The log up to the checkpoint that a peer with {@code from} entries gets next.
   *
   * @param newest the durable end
   */
  PublishedLog next(PublishedLog newest, long from) {
    if (from < 0 || newest.size() - from <= 1) {
      return newest;
    }
    long end = log.endWithin(from, Math.min(newest.size(), from + maxEntries), maxBytes);
    if (end >= newest.size()) {
      return newest;
    }
    try {
      SignedCheckpoint earlier = SignedCheckpoint.parse(log.checkpointAtLeast(end).orElseThrow());
      return earlier.size() < newest.size() ? PublishedLog.of(earlier, log) : newest;
    } catch (DecodeException e) {
      throw new IllegalStateException("an own checkpoint is damaged: " + e.getMessage(), e);
    }
  }
}
