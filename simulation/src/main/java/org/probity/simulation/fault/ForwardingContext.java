package org.probity.simulation.fault;

import org.probity.detector.codec.Bytes;
import org.probity.detector.program.Context;
import org.probity.detector.state.StateView;

/** Does as the true context does; subclasses depart from that. */
abstract class ForwardingContext implements Context {
  private final Context truth;

  ForwardingContext(Context truth) {
    this.truth = truth;
  }

  @Override
  public String self() {
    return truth.self();
  }

  @Override
  public long nowMillis() {
    return truth.nowMillis();
  }

  @Override
  public boolean isPeer(String node) {
    return truth.isPeer(node);
  }

  @Override
  public StateView state() {
    return truth.state();
  }

  @Override
  public void send(String to, Bytes payload) {
    truth.send(to, payload);
  }

  @Override
  public void rollback() {
    truth.rollback();
  }
}
