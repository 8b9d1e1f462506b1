package org.probity.detector.architecture.planted.stray;

/** In a package without a place in the order. */
public final class HasNoRoom {}
