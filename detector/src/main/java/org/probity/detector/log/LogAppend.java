package org.probity.detector.log;

import java.util.List;
import org.probity.detector.codec.Bytes;

/**
 * What one durable step adds to one log, own or replicated.
 *
 * @param firstIndex index of the first entry, equal to the log's size before
 * @param entries exact bytes, at least one
 * @param completed every subtree these entries complete, in the order they completed
 * @param checkpoint over the log including these entries
 */
public record LogAppend(
    Origin origin,
    long firstIndex,
    List<Bytes> entries,
    List<TreeNode> completed,
    SignedCheckpoint checkpoint) {
  public LogAppend {
    entries = List.copyOf(entries);
    completed = List.copyOf(completed);
  }

  /** Size of the log afterwards. */
  public long newSize() {
    return firstIndex + entries.size();
  }
}
