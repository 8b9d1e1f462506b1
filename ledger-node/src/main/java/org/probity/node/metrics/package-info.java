/**
 * The node's numbers, for Prometheus: {@code probity_<subsystem>_<name>_<unit>}.
 *
 * <pre>
 * probity_http_requests_total{listener="clients",route="POST /v1/transactions",status="200"} 17.0
 * </pre>
 */
@NullMarked
package org.probity.node.metrics;

import org.jspecify.annotations.NullMarked;
