package org.probity.simulation.fault;

import org.probity.detector.program.Context;
import org.probity.detector.state.StateView;

/** The true context with another state. */
final class OtherState extends ForwardingContext {
  private final StateView state;

  OtherState(Context truth, StateView state) {
    super(truth);
    this.state = state;
  }

  @Override
  public StateView state() {
    return state;
  }
}
