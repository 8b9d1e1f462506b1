/** Benchmarks and the load generator. */
@NullMarked
package org.probity.benchmarks;

import org.jspecify.annotations.NullMarked;
