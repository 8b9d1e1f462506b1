/**
 * What the ledger costs, measured: JMH benchmarks of its parts in {@link
 * org.probity.benchmarks.micro}, and transfers through a real node's client listener.
 *
 * <p>How to run them and what came out: {@code docs/benchmarks.md}. Every figure stands beside the
 * bare cost of the signature rule, measured in the same run.
 */
@NullMarked
package org.probity.benchmarks;

import org.jspecify.annotations.NullMarked;
