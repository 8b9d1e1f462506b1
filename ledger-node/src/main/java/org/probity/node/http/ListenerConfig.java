package org.probity.node.http;

/** Where one listener listens and what it bounds. */
public record ListenerConfig(ListenAddress address, HttpLimits limits) {}
