/**
 * What accountability costs in messages: the traffic between nodes, kind by kind, beside what the
 * protocol of the PeerReview paper would send for the same payments.
 */
@NullMarked
package org.probity.benchmarks.messages;

import org.jspecify.annotations.NullMarked;
