package org.probity.detector.architecture.planted.evidence;

import java.util.function.Supplier;

/** Makes a proof through a constructor reference. */
public final class SlyForger {
  public Supplier<Proof> forge() {
    return Proof::new;
  }
}
