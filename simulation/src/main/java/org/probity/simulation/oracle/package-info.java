/**
 * What must hold in every simulation, whatever happens in it: judged by what was put into the world
 * and what lies on the disks, with nothing of the detector's own judgement.
 */
@NullMarked
package org.probity.simulation.oracle;

import org.jspecify.annotations.NullMarked;
