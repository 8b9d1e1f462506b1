package org.probity.node.http.api;

/** One element of {@code GET /v1/evidence}. */
public record EvidenceSummary(
    String faultId,
    String kind,
    String member,
    String node,
    long position,
    long bytes,
    String path) {}
