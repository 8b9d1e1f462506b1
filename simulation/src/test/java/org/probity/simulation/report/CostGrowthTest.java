package org.probity.simulation.report;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/**
 * What a payment, and a node's second, cost does not grow with the consortium where the number of
 * witnesses is fixed (docs/simulation.md, "What it costs, and how that grows"). Counted, not timed:
 * the same in every run.
 */
class CostGrowthTest {
  private static final long SEED = 1;
  private static final int SMALL = 20;
  private static final int LARGE = 60;
  private static final int WITNESSES = 2;

  /**
   * With two witnesses a payment takes 61 messages and 22,748 bytes among 20 nodes; the most that
   * it takes in any larger consortium of the table is 67 and 24,335: a tenth more, as long as some
   * of those who are to be told are the same. What grew with the nodes would be three times as
   * much.
   */
  private static final double MOST = 1.15;

  private final Curves.Cost small = Curves.cost(SEED, SMALL, WITNESSES, 0);
  private final Curves.Cost large = Curves.cost(SEED, LARGE, WITNESSES, 0);

  @Test
  void aPaymentCostsTheSameInALargerConsortium() {
    assertNoMore("messages per payment", small.messages(), large.messages());
    assertNoMore("bytes per payment", small.bytes(), large.bytes());
    assertNoMore("replays of an entry", small.replayed(), large.replayed());
  }

  @Test
  void aNodesSecondCostsTheSameInALargerConsortium() {
    assertNoMore("messages per node and second", small.messagesPerNode(), large.messagesPerNode());
    assertNoMore("bytes per node and second", small.bytesPerNode(), large.bytesPerNode());
  }

  private static void assertNoMore(String what, double small, double large) {
    assertTrue(
        large <= MOST * small,
        what + ": " + small + " among " + SMALL + " nodes, " + large + " among " + LARGE);
  }
}
