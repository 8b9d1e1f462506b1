package org.probity.simulation;

/**
 * What a simulation is of.
 *
 * @param nodes members, each with one node
 * @param witnesses of each node
 * @param faults tolerated among the witnesses of one node
 * @param paymentsPerSecond over all nodes
 * @param busySeconds in which customers pay and anything may happen
 * @param isReal whether signatures are Ed25519
 */
public record Settings(
    int nodes,
    int witnesses,
    int faults,
    double paymentsPerSecond,
    int busySeconds,
    boolean isReal) {
  public Settings {
    if (nodes < 3 || nodes > 1_000) {
      throw new IllegalArgumentException("nodes: 3 to 1000, not " + nodes);
    }
    if (witnesses < 1 || witnesses >= nodes) {
      throw new IllegalArgumentException(
          "witnesses: 1 to " + (nodes - 1) + ", since no node witnesses itself, not " + witnesses);
    }
    if (faults < 0 || faults >= witnesses) {
      throw new IllegalArgumentException("faults: 0 to " + (witnesses - 1) + ", not " + faults);
    }
  }

  /** The load at which the speed of the simulator is stated. */
  public static Settings stated() {
    return new Settings(5, 2, 1, 20, 60, false);
  }
}
