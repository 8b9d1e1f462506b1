package org.probity.detector.architecture.planted.node;

/** In the last room; breaks nothing. */
public final class Top {}
