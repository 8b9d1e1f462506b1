package org.probity.node.http;

import org.probity.detector.codec.Bytes;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.TreeHead;

/**
 * A log up to one checkpoint. Entries below {@code head.size()} never change, so a holder may go on
 * reading while the log grows.
 *
 * @param checkpoint the signed note over {@code head}, with whatever cosignatures there are
 * @param entries at least {@code head.size()} of them
 */
public record PublishedLog(TreeHead head, Bytes checkpoint, LogReader entries) {
  public long size() {
    return head.size();
  }
}
