package org.probity.node.http.api;

import org.jspecify.annotations.Nullable;

/**
 * One element of {@code GET /v1/peers}.
 *
 * @param verdict trusted, suspected or exposed
 * @param since ISO 8601, UTC
 */
public record PeerView(
    String node,
    String member,
    String verdict,
    String since,
    String reason,
    long auditedSize,
    long lag,
    @Nullable Double score,
    String lane) {}
