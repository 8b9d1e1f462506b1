/**
 * What simulations tell people: how soon which fault is found out, what that costs, and how the
 * costs of a consortium grow; as rows, and as charts.
 */
@NullMarked
package org.probity.simulation.report;

import org.jspecify.annotations.NullMarked;
