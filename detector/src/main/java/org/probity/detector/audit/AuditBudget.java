package org.probity.detector.audit;

/**
 * The numbers of a witness's audit schedule (protocol.md §9).
 *
 * @param slotsPerRound B, at least 1
 * @param chunkEntries Q, entries that one slot replays at most
 * @param maxBatchEntries K of the genesis document, at most Q: chunks end on STATE
 * @param floorNumerator with the next, the share phi of the slots that no score can touch; it is a
 *     fraction because it is counted out exactly, round by round
 * @param floorDenominator of phi; {@code 0 < phi <= 1}
 * @param scoreThreshold a ward is in the score lane while its score, less its discount, is above
 * @param coolDownRounds that a ward stays out of the score lane after it was audited there
 * @param discountDecay what is left of a clean audit's discount one round later
 */
public record AuditBudget(
    int slotsPerRound,
    int chunkEntries,
    int maxBatchEntries,
    int floorNumerator,
    int floorDenominator,
    double scoreThreshold,
    int coolDownRounds,
    double discountDecay) {

  /** Largest value of the counts, so that sums of products stay within 64 bits. */
  public static final int MAX = 1_000_000;

  public AuditBudget {
    check(1 <= slotsPerRound && slotsPerRound <= MAX, "slots per round");
    check(1 <= chunkEntries && chunkEntries <= MAX, "chunk entries");
    check(1 <= maxBatchEntries && maxBatchEntries <= chunkEntries, "batch entries");
    check(1 <= floorDenominator && floorDenominator <= MAX, "floor denominator");
    check(1 <= floorNumerator && floorNumerator <= floorDenominator, "floor share");
    check(0 <= scoreThreshold && scoreThreshold <= Priority.MAX, "score threshold");
    check(0 <= coolDownRounds && coolDownRounds <= MAX, "cool-down");
    check(0 <= discountDecay && discountDecay < 1, "discount decay");
  }

  /** The frozen defaults: phi 3/4, threshold 3, cool-down 3 rounds, decay 0.98. */
  public static AuditBudget of(int slotsPerRound, int chunkEntries, int maxBatchEntries) {
    return new AuditBudget(slotsPerRound, chunkEntries, maxBatchEntries, 3, 4, 3, 3, 0.98);
  }

  private static void check(boolean holds, String what) {
    if (!holds) {
      throw new IllegalArgumentException("audit budget out of range: " + what);
    }
  }
}
