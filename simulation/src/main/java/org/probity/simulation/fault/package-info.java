/**
 * What faulty members do: programs that depart from the ledger's rules in one point, logs written
 * by hand, nodes that show one thing here and another there, witnesses that do not do their duty.
 * None of it is in a node that a member runs: the module is for simulations and demonstrations.
 */
@NullMarked
package org.probity.simulation.fault;

import org.jspecify.annotations.NullMarked;
