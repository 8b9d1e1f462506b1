package org.probity.node.architecture.planted.scores;

/** Stands for a class of ml-scoring. */
public final class Score {}
