package org.probity.node.http.api;

import org.jspecify.annotations.Nullable;

/**
 * {@code GET /v1/status}.
 *
 * @param reason why it is not ready, if a check says so
 * @param consoleUrl null where the node has no console
 */
public record NodeStatus(
    String node,
    String member,
    String state,
    boolean ready,
    String reason,
    long incarnation,
    String networkId,
    String origin,
    String vkey,
    String programId,
    long size,
    String root,
    String clientUrl,
    String peerUrl,
    String opsUrl,
    String logUrl,
    @Nullable String consoleUrl) {}
