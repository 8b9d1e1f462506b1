/**
 * Deterministic simulation of whole consortia on the production core.
 *
 * <p>A {@link org.probity.simulation.Plan} is drawn out of one seed: how many nodes, which troubles
 * of links, disks, clocks and processes, which faults of members, when and whom. A {@link
 * org.probity.simulation.Simulation} lets all of it happen in virtual time, and the oracles say
 * which promises were broken. The same plan gives the same trace.
 *
 * <pre>{@code
 * Simulation.Outcome outcome = new Simulation(PlanMaker.of(seed), false).run();
 * }</pre>
 */
@NullMarked
package org.probity.simulation;

import org.jspecify.annotations.NullMarked;
