package org.probity.node.architecture.planted.elsewhere;

import org.probity.node.architecture.planted.scores.Score;

/** Knows scores, and must not. */
public record ReadsScores(Score score) {}
