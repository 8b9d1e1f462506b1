package org.probity.detector.state;

/**
 * Records what an execution looks at in a base state, to make the {@link StateWitness} with which
 * anybody can execute the same again.
 *
 * <p>Execution on the witness takes the same steps through the same nodes, so it finds what it
 * needs and nothing is disclosed that it does not look at. Recording costs a set of the visited
 * nodes; it is for making proofs, not for the hot path.
 */
public final class AccessLog {
  private final StateTree base;
  private final Trace trace = new Trace();
  private final WorkingState state;

  public AccessLog(StateTree base) {
    this.base = base;
    this.state = new WorkingState(base.traced(trace));
  }

  /** Execute on this one; it starts as the base. */
  public WorkingState state() {
    return state;
  }

  /** The state as it is now, no longer recorded: what to go on with after a clean replay. */
  public StateTree tree() {
    return state.tree().untraced();
  }

  /** What of the base was looked at until now, including what was rolled back since. */
  public StateWitness witness() {
    return StateWitness.disclosing(base, trace);
  }
}
