/**
 * Bugs planted into the production code, to see that the simulator finds them.
 *
 * <p>A {@link org.probity.simulation.planted.PlantedBug} says what in which source file is replaced
 * by what. The file is patched and compiled in memory when the test runs, and one simulation after
 * the other is run in a class loader of its own in which the patched class takes the place of the
 * real one. Nothing of it can reach a jar: the production code has no switch for it.
 *
 * <pre>
 * bug evidence-not-spread
 * breaks C1
 * with overdraft
 * in detector/node/Node
 * -      effects.add(new Effect.Spread(evidence));
 * </pre>
 */
@NullMarked
package org.probity.simulation.planted;

import org.jspecify.annotations.NullMarked;
