package org.probity.simulation;

import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.Parameters;

/**
 * What a simulation is of.
 *
 * @param nodes of all members
 * @param members each with one node, or with several: then they have the next ones in turn
 * @param witnesses of each node
 * @param faults tolerated among the witnesses of one node
 * @param paymentsPerSecond over all nodes
 * @param busySeconds in which customers pay and anything may happen
 * @param isReal whether signatures are Ed25519
 * @param auditSlots chunks that a node replays in one audit round, of one second
 * @param chunkEntries of one chunk
 * @param isScored whether every node's audits are ordered by a model that says anything at all
 * @param calmSeconds after that, in which all is well and a healthy core must come to rest
 * @param isProbed whether there are customers besides who try what they may not, and what just
 *     goes: they cost what payments cost, so not where costs are measured
 */
public record Settings(
    int nodes,
    int members,
    int witnesses,
    int faults,
    double paymentsPerSecond,
    int busySeconds,
    boolean isReal,
    int auditSlots,
    int chunkEntries,
    boolean isScored,
    int calmSeconds,
    boolean isProbed) {
  public static final int DEFAULT_CALM_SECONDS = 120;

  /** For the last payments to arrive. */
  private static final int STATED_CALM_SECONDS = 1;

  public static final int DEFAULT_AUDIT_SLOTS = 8;
  public static final int DEFAULT_CHUNK_ENTRIES = 4_096;

  /** With so large an audit budget that replay keeps up, and without a model. */
  public Settings(
      int nodes,
      int witnesses,
      int faults,
      double paymentsPerSecond,
      int busySeconds,
      boolean isReal) {
    this(
        nodes,
        membersOf(nodes),
        witnesses,
        faults,
        paymentsPerSecond,
        busySeconds,
        isReal,
        DEFAULT_AUDIT_SLOTS,
        DEFAULT_CHUNK_ENTRIES,
        false,
        DEFAULT_CALM_SECONDS,
        true);
  }

  public Settings {
    if (auditSlots < 1 || chunkEntries < Parameters.DEFAULT_MAX_BATCH_ENTRIES) {
      throw new IllegalArgumentException(
          "an audit round has at least one slot, a chunk at least "
              + Parameters.DEFAULT_MAX_BATCH_ENTRIES
              + " entries");
    }
    if (nodes < 3 || nodes > 1_000) {
      throw new IllegalArgumentException("nodes: 3 to 1000, not " + nodes);
    }
    if (members < 3 || members > membersOf(nodes)) {
      throw new IllegalArgumentException(
          "members: 3 to " + membersOf(nodes) + ", each with a node, not " + members);
    }
    if (witnesses < 1 || witnesses >= members) {
      throw new IllegalArgumentException(
          "witnesses: 1 to "
              + (members - 1)
              + ", since no member witnesses a node of its own, not "
              + witnesses);
    }
    if (faults < 0 || faults >= witnesses) {
      throw new IllegalArgumentException("faults: 0 to " + (witnesses - 1) + ", not " + faults);
    }
  }

  /** The load at which the speed of the simulator is stated: busy from its beginning to its end. */
  public static Settings stated() {
    return new Settings(
        5,
        5,
        2,
        1,
        20,
        60,
        false,
        DEFAULT_AUDIT_SLOTS,
        DEFAULT_CHUNK_ENTRIES,
        false,
        STATED_CALM_SECONDS,
        false);
  }

  /** As many members as there are nodes, and may be. */
  public static int membersOf(int nodes) {
    return Math.min(nodes, Genesis.MAX_MEMBERS);
  }

  /** The same, but so many members share the nodes. */
  public Settings sharedBy(int owners) {
    return new Settings(
        nodes,
        owners,
        witnesses,
        faults,
        paymentsPerSecond,
        busySeconds,
        isReal,
        auditSlots,
        chunkEntries,
        isScored,
        calmSeconds,
        isProbed);
  }

  /** The same with another audit budget, and perhaps with models that know nothing. */
  Settings auditing(int slots, int entries, boolean hasScores) {
    return new Settings(
        nodes,
        members,
        witnesses,
        faults,
        paymentsPerSecond,
        busySeconds,
        isReal,
        slots,
        entries,
        hasScores,
        calmSeconds,
        isProbed);
  }

  /** The same for so many seconds. */
  Settings busyFor(int seconds) {
    return new Settings(
        nodes,
        members,
        witnesses,
        faults,
        paymentsPerSecond,
        seconds,
        isReal,
        auditSlots,
        chunkEntries,
        isScored,
        calmSeconds,
        isProbed);
  }

  /** The same with so many payments. */
  Settings paying(double perSecond) {
    return new Settings(
        nodes,
        members,
        witnesses,
        faults,
        perSecond,
        busySeconds,
        isReal,
        auditSlots,
        chunkEntries,
        isScored,
        calmSeconds,
        isProbed);
  }
}
