/**
 * Features about peers in, suspicion and explanation out: advice about whom to audit first, never
 * evidence. It depends on nothing else of Probity, by a rule of the build and a test.
 *
 * <p>{@link org.probity.scoring.PeerFeatures} is what was measured, {@link
 * org.probity.scoring.PeerNormaliser} makes rows of it, {@link org.probity.scoring.ScoringModel}
 * has the models and {@link org.probity.scoring.PeerScoring} ties them together. Example: of 40
 * peers one acknowledges in 80 ms at the median, the median of all is 20 ms, their MAD 4 ms. Its
 * {@code ack_p50} is {@code (80 - 20) / (1.4826 * 4 + 1) = 8.7}; if nothing else about it is
 * unusual, this is its first reason.
 */
@NullMarked
package org.probity.scoring;

import org.jspecify.annotations.NullMarked;
