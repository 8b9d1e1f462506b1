package org.probity.detector.audit;

/**
 * One chunk to be replayed in this round.
 *
 * @param ward whose log
 * @param fromIndex the first entry; all before it belong to earlier slots
 * @param toIndex behind the last entry
 * @param lane why now
 * @param waitedRounds rounds that handed out no slot for its first entry although it had arrived
 */
public record AuditSlot(
    String ward, long fromIndex, long toIndex, AuditLane lane, long waitedRounds) {

  public long entries() {
    return toIndex - fromIndex;
  }
}
