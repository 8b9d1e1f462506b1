package org.probity.node.runtime;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Bounds the bytes of unfinished ranges that all wards' streams hold together. When they are too
 * many, the ward that holds most loses its own: a liar cannot take the room of the others.
 * Thread-safe.
 */
final class PartialBudget {
  /** Room for the largest range that a correct node sends: {@link LogRanges} and one commit. */
  static final long MIN_BYTES = 16 << 20;

  private static final int HEAP_SHARE = 4;

  private final long maxBytes;
  private final Map<String, Held> held = new TreeMap<>();

  private record Held(long bytes, Runnable drop) {}

  PartialBudget(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  /** A quarter of the heap, at least {@link #MIN_BYTES}. */
  static PartialBudget ofHeap() {
    return new PartialBudget(Math.max(MIN_BYTES, Runtime.getRuntime().maxMemory() / HEAP_SHARE));
  }

  /**
   * Says how much a ward holds now.
   *
   * @param drop makes the ward let go of it, later and on its own thread
   * @return false if this ward holds most and that is too much
   */
  boolean holds(String ward, long bytes, Runnable drop) {
    Optional<Runnable> dropped = Optional.empty();
    synchronized (this) {
      held.put(ward, new Held(bytes, drop));
      if (held.values().stream().mapToLong(Held::bytes).sum() > maxBytes) {
        String largest = largest(ward);
        Held lost = held.remove(largest);
        if (largest.equals(ward) || lost == null) {
          return false;
        }
        dropped = Optional.of(lost.drop());
      }
    }
    dropped.ifPresent(Runnable::run);
    return true;
  }

  private String largest(String ward) {
    String largest = ward;
    for (Map.Entry<String, Held> entry : held.entrySet()) {
      if (entry.getValue().bytes() > held.getOrDefault(largest, entry.getValue()).bytes()) {
        largest = entry.getKey();
      }
    }
    return largest;
  }

  /** The ward holds nothing any more. */
  synchronized void nothing(String ward) {
    held.remove(ward);
  }
}
