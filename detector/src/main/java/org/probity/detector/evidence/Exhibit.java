package org.probity.detector.evidence;

import org.probity.detector.codec.Bytes;
import org.probity.detector.log.IndexedLeaf;
import org.probity.detector.log.Rfc6962;

/** One log entry shown in evidence: where it stands and its exact bytes, whatever they are. */
public record Exhibit(long index, Bytes bytes) {

  IndexedLeaf leaf() {
    return new IndexedLeaf(index, Rfc6962.leaf(bytes));
  }
}
