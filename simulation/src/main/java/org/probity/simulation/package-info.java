/** Deterministic simulation of whole consortia on the production core. */
@NullMarked
package org.probity.simulation;

import org.jspecify.annotations.NullMarked;
