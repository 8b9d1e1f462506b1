package org.probity.node.http;

import org.probity.detector.codec.Bytes;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.SignedNote;
import org.probity.detector.log.TreeHead;

/**
 * A log up to one checkpoint. Entries below {@code head.size()} never change, so a holder may go on
 * reading while the log grows.
 *
 * @param note the checkpoint over {@code head}, with whatever cosignatures there are
 * @param entries at least {@code head.size()} of them
 */
public record PublishedLog(TreeHead head, SignedNote note, LogReader entries) {

  /** A log under a checkpoint that has the log's signature only. */
  public static PublishedLog of(SignedCheckpoint checkpoint, LogReader entries) {
    return new PublishedLog(checkpoint.head(), checkpoint.note(), entries);
  }

  public long size() {
    return head.size();
  }

  /** Exact bytes of the checkpoint. */
  public Bytes checkpoint() {
    return note.bytes();
  }
}
