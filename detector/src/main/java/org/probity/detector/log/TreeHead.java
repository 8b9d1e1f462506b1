package org.probity.detector.log;

import org.probity.detector.crypto.Hash;

/** What a checkpoint commits to: the number of entries and the root over exactly these. */
public record TreeHead(long size, Hash root) {
  /** The head of the log without entries. */
  public static final TreeHead EMPTY = new TreeHead(0, Rfc6962.EMPTY_ROOT);

  public TreeHead {
    if (size < 0) {
      throw new IllegalArgumentException("a log cannot have " + size + " entries");
    }
  }

  @Override
  public String toString() {
    return size + ":" + root;
  }
}
