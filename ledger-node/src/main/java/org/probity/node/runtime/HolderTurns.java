package org.probity.node.runtime;

import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Who is asked for what is missing here, in which order, and for how long (protocol.md §11.2). Some
 * may lie, and nobody knows how much there is to be given or how fast that can be. So each has a
 * turn. Whoever has used it up in vain is asked after the others, and has twice as long the next
 * time: a slow one comes to an end, too, and a liar holds up the others for one turn.
 */
final class HolderTurns {
  static final Duration FIRST = Duration.ofSeconds(10);

  private static final int MAX_DOUBLINGS = 6;

  /** For all that fits in memory: 0.4 MiB per second, where that is 256 MiB. */
  static final Duration LAST = FIRST.multipliedBy(1 << MAX_DOUBLINGS);

  private final Map<String, Integer> inVain = new HashMap<>();

  /** Those that have used up fewer turns come first; else as they are given. */
  List<String> inOrder(List<String> holders) {
    return holders.stream().sorted(Comparator.comparingInt(this::inVain)).toList();
  }

  /** How long its next turn is. */
  Duration turn(String holder) {
    return FIRST.multipliedBy(1L << Math.min(inVain(holder), MAX_DOUBLINGS));
  }

  /**
   * It has used up a turn and given nothing of use. Who says at once that it has nothing has not.
   */
  void failed(String holder) {
    inVain.merge(holder, 1, Integer::sum);
  }

  private int inVain(String holder) {
    return inVain.getOrDefault(holder, 0);
  }
}
