package org.probity.demo.fault;

import org.probity.detector.codec.Bytes;
import org.probity.detector.program.Context;
import org.probity.detector.state.StateView;

/** The true context with another state. */
record OtherState(Context truth, StateView state) implements Context {
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
  public void send(String to, Bytes payload) {
    truth.send(to, payload);
  }

  @Override
  public void rollback() {
    truth.rollback();
  }
}
