package org.probity.simulation.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.probity.simulation.fault.Fault;

class FaultCostTest {
  private static final int SEEDS = 3;

  private static FaultCost of(Fault fault) {
    return FaultCost.measure(fault, SEEDS, 4, 2, () -> 0);
  }

  @Test
  void aFloodCostsMessagesAndSilenceSavesThem() {
    FaultCost flood = of(Fault.FLOOD);
    FaultCost silence = of(Fault.SILENCE);

    assertEquals(SEEDS, flood.done());
    assertTrue(flood.messages() > 1_000, flood.toString());
    assertTrue(flood.bytes() > flood.messages(), flood.toString());
    assertEquals(SEEDS, silence.done());
    assertTrue(silence.replayedEntries() < 0, silence.toString());
    assertTrue(silence.medianMillis() > 0, silence.toString());
  }

  /** Nobody else asks for money out of nothing where costs are measured. */
  @Test
  void whoLiesAboutAnIssueIsAskedForOneWhenItLies() {
    FaultCost mint = of(Fault.MINT);

    assertEquals(SEEDS, mint.done());
    assertTrue(mint.medianMillis() >= 0, mint.toString());
  }

  @Test
  void processorTimeIsThatOfTheRunsWithTheFaultLessThatOfThoseWithout() {
    AtomicLong clock = new AtomicLong();
    // It is asked before, between and after: 1 ms without the fault, 3 ms with it.
    long[] steps = {0, 1_000_000, 3_000_000};
    AtomicLong asked = new AtomicLong();
    FaultCost cost =
        FaultCost.measure(
            Fault.FORK,
            SEEDS,
            4,
            2,
            () -> clock.addAndGet(steps[(int) (asked.getAndIncrement() % steps.length)]));

    assertTrue(cost.done() > 0, cost.toString());
    assertEquals(2.0, cost.cpuMillis(), 1e-9);
  }
}
