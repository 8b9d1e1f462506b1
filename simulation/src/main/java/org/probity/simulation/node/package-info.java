/**
 * A node of a simulated consortium: the production core and the production witness logic, with a
 * shell of virtual time, simulated disks and simulated links around them.
 */
@NullMarked
package org.probity.simulation.node;

import org.jspecify.annotations.NullMarked;
