/**
 * {@code bench local}: one node, a process of its own with its files in a temporary folder, under
 * transfers that arrive through its client listener, counted when their receipts are durable.
 *
 * <p>Generator and node share the machine's cores, so the node's own CPU time per transfer stands
 * beside the throughput, and beside both what the signature rule alone costs: measured in the same
 * run, on the same cores, with the same provider, on the same statements.
 */
@NullMarked
package org.probity.benchmarks.local;

import org.jspecify.annotations.NullMarked;
