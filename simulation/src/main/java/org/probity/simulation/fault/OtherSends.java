package org.probity.simulation.fault;

import java.util.List;
import java.util.function.Function;
import org.probity.detector.codec.Bytes;
import org.probity.detector.program.Context;

/** The true context, but that other messages leave than those that are sent. */
public final class OtherSends extends ForwardingContext {
  private final Function<Bytes, List<Bytes>> instead;

  /**
   * @param instead what leaves in the place of a payload
   */
  public OtherSends(Context truth, Function<Bytes, List<Bytes>> instead) {
    super(truth);
    this.instead = instead;
  }

  @Override
  public void send(String to, Bytes payload) {
    instead.apply(payload).forEach(other -> super.send(to, other));
  }
}
