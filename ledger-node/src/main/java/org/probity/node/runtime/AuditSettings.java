package org.probity.node.runtime;

import java.time.Duration;
import org.probity.detector.audit.AuditBudget;
import org.probity.detector.governance.Parameters;

/**
 * How much this node audits, and how soon.
 *
 * @param round from the beginning of a round to that of the next, at least
 * @param slots of one round, B
 * @param chunkEntries that one slot replays at most, brought between K, the largest batch, and Q of
 *     the genesis document
 * @param floorPercent of the slots that no score can touch, phi
 */
public record AuditSettings(Duration round, int slots, int chunkEntries, int floorPercent) {

  /** The defaults of the configuration. */
  public static AuditSettings standard() {
    return new AuditSettings(Duration.ofMillis(50), 8, 512, 75);
  }

  /** The budget of the schedule. */
  AuditBudget budget(Parameters consortium) {
    int maxBatch = consortium.maxBatchEntries();
    int chunk = Math.min(Math.max(chunkEntries, maxBatch), consortium.chunkEntries());
    AuditBudget usual = AuditBudget.of(slots, chunk, maxBatch);
    return new AuditBudget(
        slots,
        chunk,
        maxBatch,
        floorPercent,
        100,
        usual.scoreThreshold(),
        usual.coolDownRounds(),
        usual.discountDecay());
  }
}
