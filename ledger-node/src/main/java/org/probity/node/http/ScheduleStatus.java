package org.probity.node.http;

import java.util.List;

/**
 * How far this node is with the logs it witnesses.
 *
 * @param rounds since the start
 * @param boundRounds within so many rounds is replayed what has come by now, whatever the scores
 *     are
 * @param floorSlots given since the start because it was their turn
 * @param scoreSlots given since the start because of a score
 * @param wards by node
 */
public record ScheduleStatus(
    long rounds, long boundRounds, long floorSlots, long scoreSlots, List<Ward> wards) {

  /**
   * One log.
   *
   * @param auditedSize entries replayed clean
   * @param lag entries known to exist and not replayed
   * @param waiting entries that have come and not been reported as replayed
   * @param chunks that wait for a slot
   * @param waitedRounds that gave no slot to the oldest of them
   * @param lateRounds by which it has outlived the bound that held when it came
   * @param lane of the last slot: {@code floor}, {@code score} or empty
   * @param trouble why it is not replayed now, if so; never that node's fault
   */
  public record Ward(
      String node,
      long auditedSize,
      long lag,
      long waiting,
      long chunks,
      long waitedRounds,
      long lateRounds,
      String lane,
      String trouble) {}
}
