package org.probity.node.runtime;

import java.util.ArrayDeque;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Queue;
import java.util.TreeMap;

/**
 * What waits until the own log is witnessed so far (protocol.md §11.4): a queue keyed by log size.
 * Where nothing is to wait, everything is done at once.
 *
 * <p>For example, while 40 entries are witnessed, what rests on entry 41 is kept under size 42, and
 * done when somebody says that 42 entries or more are.
 *
 * <p>Kept in memory only: whatever is in it follows from the log, which is durable, and is made
 * again from it after a restart. It needs no limit of its own, because those who wait have one: a
 * client's transaction counts as pending until it is answered, and a peer sends nothing new before
 * its acknowledgement. Single owner: the core's loop.
 */
final class Releases {
  private final boolean waits;
  private final NavigableMap<Long, Queue<Runnable>> waiting = new TreeMap<>();
  private long witnessed;

  private Releases(boolean waits) {
    this.waits = waits;
  }

  /** What is durable here may leave: {@code release: recorded}. */
  static Releases recorded() {
    return new Releases(false);
  }

  /** It may once it is witnessed, too: {@code release: witnessed}. */
  static Releases witnessed() {
    return new Releases(true);
  }

  /** Whether what rests on the first {@code size} entries may leave. */
  boolean isOpen(long size) {
    return !waits || size <= witnessed;
  }

  /** Does it as soon as {@link #isOpen}, in order of size, and of arrival for one size. */
  void at(long size, Runnable release) {
    if (isOpen(size)) {
      release.run();
    } else {
      waiting.computeIfAbsent(size, any -> new ArrayDeque<>()).add(release);
    }
  }

  /** So many entries are witnessed, or more; never fewer again. */
  void witnessed(long size) {
    witnessed = Math.max(witnessed, size);
    Map.Entry<Long, Queue<Runnable>> first = waiting.firstEntry();
    while (first != null && isOpen(first.getKey())) {
      Runnable release = first.getValue().poll();
      if (release == null) {
        waiting.remove(first.getKey());
        first = waiting.firstEntry();
      } else {
        release.run();
      }
    }
  }
}
