package org.probity.node.http;

import java.util.List;
import java.util.OptionalDouble;
import org.probity.node.scoring.PeerScore;

/**
 * How far this node is with the logs it witnesses.
 *
 * @param rounds since the start
 * @param boundRounds within so many rounds is replayed what has come by now, whatever the scores
 *     are
 * @param floorSlots given since the start because it was their turn
 * @param scoreSlots given since the start because of a score
 * @param scoreThreshold a score has to be above it to count
 * @param wards by node
 */
public record ScheduleStatus(
    long rounds,
    long boundRounds,
    long floorSlots,
    long scoreSlots,
    double scoreThreshold,
    List<Ward> wards) {

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
   * @param turns the last slots it was given, oldest first
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
      String trouble,
      List<Turn> turns) {}

  /**
   * A slot that a log was given, and why.
   *
   * @param round counted from the start
   * @param place among the slots of that round, from 1
   * @param places how many these were
   * @param fromIndex the first entry to be replayed
   * @param toIndex behind the last
   * @param lane {@code floor}, its turn had come, {@code score}, or {@code asked} by a person
   * @param waitedRounds that gave no slot to its first entry
   * @param boundRounds within so many was replayed what waited then, whatever the scores were
   * @param score then; empty without a model
   * @param why what the models said then
   */
  public record Turn(
      long round,
      int place,
      int places,
      long fromIndex,
      long toIndex,
      String lane,
      long waitedRounds,
      long boundRounds,
      OptionalDouble score,
      PeerScore why) {}
}
