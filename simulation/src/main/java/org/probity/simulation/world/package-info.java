/**
 * The world of a simulated consortium: virtual time, chance out of one seed, a network that delays,
 * loses, repeats and cuts, and signatures that cost a hash. Nothing here reads a clock, starts a
 * thread or opens a file; the same seed gives the same world.
 */
@NullMarked
package org.probity.simulation.world;

import org.jspecify.annotations.NullMarked;
