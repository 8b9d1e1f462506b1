package org.probity.node.http.api;

import org.jspecify.annotations.Nullable;

/**
 * One element of {@code GET /v1/peers}.
 *
 * @param verdict trusted, suspected or exposed
 * @param since when the verdict began by that node's clock, ISO 8601, UTC; null for the trust that
 *     every node begins with
 */
public record PeerView(
    String node,
    String member,
    String verdict,
    @Nullable String since,
    String reason,
    long auditedSize,
    long lag,
    @Nullable Double score,
    String lane) {}
