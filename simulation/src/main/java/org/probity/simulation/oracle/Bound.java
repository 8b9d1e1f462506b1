package org.probity.simulation.oracle;

import java.util.Collection;
import org.probity.detector.audit.AuditBudget;
import org.probity.detector.node.Patience;
import org.probity.simulation.node.Pace;
import org.probity.simulation.node.SimulatedNode;
import org.probity.simulation.node.Ward;
import org.probity.simulation.world.Network;

/**
 * How soon a fault is found out, in audit rounds from when it was committed, or from when the last
 * link, disk, clock and process was well again if that was later:
 *
 * <pre>{@code
 * rounds = 1 + ceil(sum over wards of ceil(b / (Q - K + 1)) / (phi B))    the replay (protocol.md §9)
 *        + ceil((unacknowledged + unlinked + overdue                      until others are suspected
 *                + pause                                                  between two deliveries
 *                + 3 asking) / round)                                     fetching, putting, telling
 * }</pre>
 *
 * <p>{@code b} is the whole log of a ward, more than any backlog; {@code asking} is what it takes
 * to try once in vain and to try again. The replay is that of the correct witness with the most to
 * do.
 */
final class Bound {
  /** The longest pause between two deliveries of a challenge. */
  private static final long PAUSE_MILLIS = 15_000;

  private static final long RETRY_MILLIS = 5_000;

  /** To fetch what there is to see, to put it to somebody, and to tell everybody. */
  private static final int ASKINGS = 3;

  /** Between two rounds, and that in which it is found. */
  private static final int ROUNDS = 2;

  private Bound() {}

  /** What it takes to tell everybody what is proven: once in vain, and once more. */
  static long tellingMillis(Pace pace) {
    return 2 * (Network.PATIENCE_MILLIS + RETRY_MILLIS) + ROUNDS * pace.roundMillis();
  }

  /**
   * Of faults of one node.
   *
   * @param witnesses of it that are correct
   */
  static long rounds(Pace pace, Collection<SimulatedNode> witnesses) {
    long replay =
        witnesses.stream()
            .mapToLong(witness -> replayRounds(pace.budget(), witness))
            .max()
            .orElse(0);
    Patience patience = pace.patience();
    long others =
        patience.unacknowledgedMillis()
            + patience.unlinkedMillis()
            + patience.overdueMillis()
            + PAUSE_MILLIS
            + ASKINGS * (Network.PATIENCE_MILLIS + RETRY_MILLIS);
    return replay + ceiling(others, pace.roundMillis());
  }

  private static long replayRounds(AuditBudget budget, SimulatedNode witness) {
    long chunk = (long) budget.chunkEntries() - budget.maxBatchEntries() + 1;
    long chunks = 0;
    for (Ward ward : witness.wards().values()) {
      chunks += ceiling(ward.stored().size(), chunk);
    }
    return 1
        + ceiling(
            chunks * budget.floorDenominator(),
            (long) budget.floorNumerator() * budget.slotsPerRound());
  }

  /** A quotient, rounded up. */
  static long ceiling(long dividend, long divisor) {
    return (dividend + divisor - 1) / divisor;
  }
}
