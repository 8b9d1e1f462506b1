package org.probity.node.http.api;

/** {@code GET /v1/status}. */
public record NodeStatus(
    String node,
    String member,
    String state,
    boolean ready,
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
    String consoleUrl) {}
