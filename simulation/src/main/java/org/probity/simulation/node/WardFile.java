package org.probity.simulation.node;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.log.Entry;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.state.StateTree;

/** What a witness keeps of a ward. */
final class WardFile {
  private final StoredEntries entries;
  private @Nullable Audited audited;
  private @Nullable Bytes positions;
  private List<SignedCheckpoint> waiting = List.of();

  /** What was held when the seat moved; negative as long as it has not. */
  private long handOverSize = -1;

  private boolean isHandedOver;

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

  /** Of a closed log: checkpoints that could not be compared yet. */
  List<SignedCheckpoint> waiting() {
    return waiting;
  }

  void waiting(List<SignedCheckpoint> now) {
    waiting = List.copyOf(now);
  }

  /** The seat has moved, or is held again if this is negative. */
  void moved(long size, boolean isTaken) {
    handOverSize = size;
    isHandedOver = isTaken;
  }

  long handOverSize() {
    return handOverSize;
  }

  boolean isHandedOver() {
    return isHandedOver;
  }

  WardFile copy() {
    WardFile copy = new WardFile(entries.copy());
    copy.audited = audited;
    copy.positions = positions;
    copy.waiting = waiting;
    copy.handOverSize = handOverSize;
    copy.isHandedOver = isHandedOver;
    return copy;
  }
}
