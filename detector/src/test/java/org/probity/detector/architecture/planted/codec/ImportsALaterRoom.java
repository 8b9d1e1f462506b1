package org.probity.detector.architecture.planted.codec;

import org.probity.detector.architecture.planted.node.Top;

/** Breaks the order of rooms. */
public final class ImportsALaterRoom {
  public Object made() {
    return new Top();
  }
}
