package org.probity.scoring.planted.own;

import org.probity.scoring.planted.other.Evidence;

/** Does what this module must not be able to do. */
public record MakesEvidence(Evidence evidence) {}
