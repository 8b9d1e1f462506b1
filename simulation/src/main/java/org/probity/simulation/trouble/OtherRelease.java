package org.probity.simulation.trouble;

import org.probity.detector.program.Program;
import org.probity.simulation.fault.ForwardingProgram;

/** A release with other rules than those that the consortium has agreed on. */
final class OtherRelease extends ForwardingProgram {
  OtherRelease(Program truth) {
    super(truth);
  }

  @Override
  public String rules() {
    return super.rules() + "/other";
  }
}
