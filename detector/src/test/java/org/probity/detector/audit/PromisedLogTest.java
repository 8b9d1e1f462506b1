package org.probity.detector.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.probity.detector.crypto.Hash;
import org.probity.detector.evidence.ByzantineLog;
import org.probity.detector.evidence.Court;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.TreeHead;

/** The time of a ward for what it has signed is bounded, however fast its log grows. */
class PromisedLogTest {
  private static final long PATIENCE_MILLIS = 5_000;

  private final ByzantineLog log = new Court().log("alpha", 1);
  private long nowMillis;
  private final PromisedLog promised = new PromisedLog(() -> nowMillis, 10);

  private SignedCheckpoint of(long size) {
    return log.sign(new TreeHead(size, Hash.sha256()));
  }

  private void pass(long millis) {
    nowMillis += millis;
  }

  @Test
  void nothingIsOwedOfWhatIsHere() {
    assertEquals(Optional.empty(), promised.owed());
    promised.seen(of(10));
    pass(PromisedLog.LONGEST_ALLOWANCE_MILLIS);
    assertEquals(Optional.empty(), promised.owed());
    assertFalse(promised.isMissed(0));
    assertFalse(promised.isOverdue());
  }

  @Test
  void whatDoesNotComeIsMissedAndThenOverdue() {
    promised.seen(of(20));
    assertFalse(promised.isMissed(PATIENCE_MILLIS));
    pass(PATIENCE_MILLIS);
    assertTrue(promised.isMissed(PATIENCE_MILLIS));
    assertFalse(promised.isOverdue());
    pass(PromisedLog.SHORTEST_ALLOWANCE_MILLIS);
    assertTrue(promised.isOverdue());
    promised.stored(20);
    assertFalse(promised.isOverdue());
    assertFalse(promised.isMissed(0));
  }

  @Test
  void aTrickleIsNoExcuse() {
    promised.seen(of(1_000));
    for (long size = 11; !promised.isOverdue(); size++) {
      // Something comes every few seconds, and more is signed than comes.
      promised.stored(size);
      promised.seen(of(1_000 * size));
      pass(4_000);
      assertTrue(size < 200, "for ever");
    }
    assertEquals(Optional.of(of(1_000)), promised.owed(), "it is still the first");
    assertTrue(promised.isMissed(24 * 3_600_000), "it is challenged, too");
  }

  @Test
  void whatWasSeenMeanwhileIsDueTogether() {
    promised.seen(of(20));
    promised.seen(of(500));
    promised.seen(of(300));
    promised.stored(20);
    assertEquals(Optional.of(of(500)), promised.owed());
  }

  @Test
  void moreTakesLongerUpToALimit() {
    assertEquals(PromisedLog.SHORTEST_ALLOWANCE_MILLIS, PromisedLog.allowanceMillis(0));
    assertEquals(120_000, PromisedLog.allowanceMillis(60 * PromisedLog.ALLOWED_RATE));
    assertEquals(PromisedLog.LONGEST_ALLOWANCE_MILLIS, PromisedLog.allowanceMillis(1L << 60));
  }
}
