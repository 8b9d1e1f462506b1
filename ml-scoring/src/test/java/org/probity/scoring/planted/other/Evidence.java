package org.probity.scoring.planted.other;

/** Stands for a class of another module. */
public final class Evidence {}
