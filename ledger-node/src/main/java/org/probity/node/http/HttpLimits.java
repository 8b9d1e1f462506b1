package org.probity.node.http;

import java.time.Duration;

/**
 * Everything a listener bounds. Bodies have their limit per route.
 *
 * @param maxHeaderBytes of one request, all headers together
 * @param maxConnections further ones are closed as they are accepted, before any handshake
 * @param maxConnectionsPerAddress of them from one address, or one /64 of IPv6
 * @param maxStreamsPerConnection concurrent HTTP/2 requests
 * @param maxBodyBytesInFlight bodies being read or worked on, all connections together
 * @param maxAnswerBytesInFlight answers being made or taken by their readers, all connections
 *     together
 * @param maxRequestsPerCaller requests under way of one node, or of one address where callers have
 *     no name
 */
public record HttpLimits(
    int maxHeaderBytes,
    int maxConnections,
    int maxConnectionsPerAddress,
    int maxStreamsPerConnection,
    long maxBodyBytesInFlight,
    long maxAnswerBytesInFlight,
    int maxRequestsPerCaller,
    Times times) {

  /**
   * The time-outs.
   *
   * @param idle a connection without a request for so long is closed
   * @param handshake TLS handshake and first request must come within this
   * @param body a request's body must arrive within this
   * @param answer the node must answer within this
   * @param heartBeat a stream says at least this often that it is alive
   */
  public record Times(
      Duration idle, Duration handshake, Duration body, Duration answer, Duration heartBeat) {}

  /** Limits of the clients' listener. */
  public static HttpLimits clients() {
    return new HttpLimits(16 * 1024, 1024, 128, 100, 64L << 20, 48L << 20, 512, times(60));
  }

  /** Limits of the peers' listener. */
  public static HttpLimits peers() {
    return new HttpLimits(16 * 1024, 512, 512, 128, 64L << 20, 48L << 20, 64, times(120));
  }

  /** Limits of the operations listener. */
  public static HttpLimits operations() {
    return new HttpLimits(8 * 1024, 32, 32, 16, 1L << 20, 16L << 20, 64, times(30));
  }

  private static Times times(int idleSeconds) {
    return new Times(
        Duration.ofSeconds(idleSeconds),
        Duration.ofSeconds(10),
        Duration.ofSeconds(30),
        Duration.ofSeconds(30),
        Duration.ofSeconds(10));
  }

  public HttpLimits withMaxConnections(int connections) {
    return new HttpLimits(
        maxHeaderBytes,
        connections,
        maxConnectionsPerAddress,
        maxStreamsPerConnection,
        maxBodyBytesInFlight,
        maxAnswerBytesInFlight,
        maxRequestsPerCaller,
        times);
  }

  public HttpLimits withMaxConnectionsPerAddress(int connections) {
    return new HttpLimits(
        maxHeaderBytes,
        maxConnections,
        connections,
        maxStreamsPerConnection,
        maxBodyBytesInFlight,
        maxAnswerBytesInFlight,
        maxRequestsPerCaller,
        times);
  }

  public HttpLimits withMaxBodyBytesInFlight(long bytes) {
    return new HttpLimits(
        maxHeaderBytes,
        maxConnections,
        maxConnectionsPerAddress,
        maxStreamsPerConnection,
        bytes,
        maxAnswerBytesInFlight,
        maxRequestsPerCaller,
        times);
  }

  public HttpLimits withMaxAnswerBytesInFlight(long bytes) {
    return new HttpLimits(
        maxHeaderBytes,
        maxConnections,
        maxConnectionsPerAddress,
        maxStreamsPerConnection,
        maxBodyBytesInFlight,
        bytes,
        maxRequestsPerCaller,
        times);
  }

  public HttpLimits withMaxRequestsPerCaller(int requests) {
    return new HttpLimits(
        maxHeaderBytes,
        maxConnections,
        maxConnectionsPerAddress,
        maxStreamsPerConnection,
        maxBodyBytesInFlight,
        maxAnswerBytesInFlight,
        requests,
        times);
  }

  public HttpLimits withTimes(Times other) {
    return new HttpLimits(
        maxHeaderBytes,
        maxConnections,
        maxConnectionsPerAddress,
        maxStreamsPerConnection,
        maxBodyBytesInFlight,
        maxAnswerBytesInFlight,
        maxRequestsPerCaller,
        other);
  }
}
