package org.probity.node.architecture.planted.adapter;

import org.probity.node.architecture.planted.scores.Score;

/** May know scores. */
public record Adapter(Score score) {}
