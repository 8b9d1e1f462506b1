package org.probity.detector.architecture.planted.evidence;

/** Meant to come from {@link Judge} only. */
public final class Proof {
  Proof() {}
}
