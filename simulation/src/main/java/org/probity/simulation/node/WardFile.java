package org.probity.simulation.node;

import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.log.Entry;
import org.probity.detector.state.StateTree;

/** What a witness keeps of a ward. */
final class WardFile {
  private final StoredEntries entries;
  private @Nullable Audited audited;
  private @Nullable Bytes positions;

  /** How far its replay has come: the STATE it has come to, and the state there. */
  record Audited(Entry last, StateTree state) {}

  WardFile() {
    this(new StoredEntries());
  }

  private WardFile(StoredEntries entries) {
    this.entries = entries;
  }

  StoredEntries entries() {
    return entries;
  }

  @Nullable Audited audited() {
    return audited;
  }

  void audited(Audited now) {
    audited = now;
  }

  @Nullable Bytes positions() {
    return positions;
  }

  void positions(Bytes now) {
    positions = now;
  }

  WardFile copy() {
    WardFile copy = new WardFile(entries.copy());
    copy.audited = audited;
    copy.positions = positions;
    return copy;
  }
}
