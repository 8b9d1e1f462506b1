package org.probity.detector.evidence;

import java.util.Optional;
import java.util.SortedMap;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.log.Entry;
import org.probity.detector.log.EntryType;
import org.probity.detector.log.LogReader;
import org.probity.detector.log.ReceiveEntry;
import org.probity.detector.log.SignedCheckpoint;

/**
 * Where a forked node's histories have parted, at the latest. Entries are chained, so from there on
 * no entry of one history stands in another: a SEND that somebody took in and that differs from the
 * entry at its index shows it.
 */
final class ForkPoint {
  private ForkPoint() {}

  /** The first entry that cannot be relied on. One pass over the others' logs. */
  static long of(String node, long size, SortedMap<String, ? extends LogReader> logs) {
    LogReader held = logs.get(node);
    if (held == null) {
      return Math.max(0, size - 1);
    }
    long parted = Math.max(0, size - 1);
    for (var log : logs.entrySet()) {
      if (!log.getKey().equals(node)) {
        parted = Math.min(parted, firstForeign(node, held, log.getValue()));
      }
    }
    return batchStart(held, Math.min(parted, held.size()));
  }

  private static long firstForeign(String node, LogReader held, LogReader other) {
    long first = Long.MAX_VALUE;
    for (long index = 0; index < other.size(); index++) {
      Bytes encoded = other.entry(index);
      if (Entry.typeOf(encoded).equals(Optional.of(EntryType.RECEIVE))) {
        first = Math.min(first, firstForeign(node, held, encoded));
      }
    }
    return first;
  }

  private static long firstForeign(String node, LogReader held, Bytes encoded) {
    long first = Long.MAX_VALUE;
    try {
      ReceiveEntry receive = (ReceiveEntry) Entry.decode(encoded).body();
      if (SignedCheckpoint.parse(receive.checkpoint()).origin().node().equals(node)) {
        for (Bytes send : receive.sends()) {
          long at = Entry.decode(send).index();
          if (at >= held.size() || !held.entry(at).equals(send)) {
            first = Math.min(first, at);
          }
        }
      }
      return first;
    } catch (DecodeException e) {
      // Whose fault that is a replay says; it shows nothing of a fork.
      return first;
    }
  }

  /** Behind the last STATE before an index. */
  private static long batchStart(LogReader log, long index) {
    long start = index;
    while (start > 0 && !Entry.typeOf(log.entry(start - 1)).equals(Optional.of(EntryType.STATE))) {
      start--;
    }
    return start;
  }
}
