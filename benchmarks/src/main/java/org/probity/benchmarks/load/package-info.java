/**
 * A load generator: requests made ahead, a fixed number outstanding, answers counted only when they
 * say that every transaction in the request is durable and executed.
 *
 * <p>A closed loop: a client sends its next request when the last is answered, so throughput is
 * what the node can take, and latency is what a client sees at that load.
 */
@NullMarked
package org.probity.benchmarks.load;

import org.jspecify.annotations.NullMarked;
