/**
 * Deterministic simulation of whole consortia on the production core.
 *
 * <p>There is no simulator yet. Whole nodes already run in one process, in memory and without a
 * clock, in the tests of {@code org.probity.detector.node}.
 */
@NullMarked
package org.probity.simulation;

import org.jspecify.annotations.NullMarked;
